-- What took a spent token's place, by its hash: a renewal whose answer was lost may be asked for again.
ALTER TABLE refresh_tokens ADD COLUMN replaced_by TEXT;

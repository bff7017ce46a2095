-- What is sent to a webhook, as a JSON array; before there was a choice it was reports.
ALTER TABLE `webhooks` ADD `events` text DEFAULT '["report.published"]' NOT NULL;

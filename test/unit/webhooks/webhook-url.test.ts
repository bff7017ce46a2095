/** Addresses through which a request of ours would reach what only we can reach: none of them is taken. */
import { describe, expect, test } from "vitest";
import { readWebhookUrl } from "../../../src/webhooks/webhook-url.ts";

const HOSTILE = [
  // This machine.
  "https://127.0.0.1/",
  "https://127.1/",
  "https://127.0.1/",
  "https://127.255.255.254/",
  "https://0.0.0.0/",
  "https://0/",
  "https://localhost/",
  "https://LOCALHOST/",
  "https://localhost./",
  "https://app.localhost/",
  "https://localhost.localdomain/",
  "https://[::1]/",
  "https://[::]/",
  "https://[0:0:0:0:0:0:0:1]/",
  // The same in other spellings: decimal, octal, hexadecimal, mixed, wide, encoded.
  "https://2130706433/",
  "https://017700000001/",
  "https://0x7f000001/",
  "https://0x7f.0.0.1/",
  "https://0177.0.0.1/",
  "https://0x7f.1/",
  "https://127.0.0.01/",
  "https://①②⑦.⓪.⓪.①/",
  "https://127。0。0。1/",
  "https://%31%32%37.0.0.1/",
  "https://ｌｏｃａｌｈｏｓｔ/",
  // Private networks.
  "https://10.0.0.1/",
  "https://10.255.255.255/",
  "https://172.16.0.1/",
  "https://172.31.255.255/",
  "https://192.168.1.1/",
  "https://3232235777/",
  "https://100.64.0.1/",
  "https://198.18.0.1/",
  "https://192.0.0.1/",
  "https://192.0.2.1/",
  "https://224.0.0.1/",
  "https://240.0.0.1/",
  "https://255.255.255.255/",
  "https://[fc00::1]/",
  "https://[fd12:3456:789a::1]/",
  "https://[fe80::1]/",
  "https://[ff02::1]/",
  "https://[2001:db8::1]/",
  // Metadata of clouds.
  "https://169.254.169.254/latest/meta-data/",
  "https://169.254.170.2/",
  "https://2852039166/",
  "https://0xa9fea9fe/",
  "https://[fd00:ec2::254]/",
  "https://metadata.google.internal/computeMetadata/v1/",
  "https://instance-data.ec2.internal/",
  // IPv4 within IPv6.
  "https://[::ffff:127.0.0.1]/",
  "https://[::ffff:7f00:1]/",
  "https://[::ffff:169.254.169.254]/",
  "https://[::127.0.0.1]/",
  "https://[::ffff:0:127.0.0.1]/",
  "https://[64:ff9b::7f00:1]/",
  "https://[64:ff9b::10.0.0.1]/",
  "https://[2002:7f00:1::]/",
  "https://[2001:0:7f00:1::]/",
  // Names that lead inwards, or say themselves where they lead.
  "https://printer.local/",
  "https://vault.internal/",
  "https://db.corp/",
  "https://nas.lan/",
  "https://router.home.arpa/",
  "https://intranet/",
  "https://kubernetes.default.svc/",
  "https://127.0.0.1.nip.io/",
  "https://10-0-0-1.sslip.io/",
  "https://localtest.me/",
  "https://a.lvh.me/",
  // Other schemes, ports, credentials, and what is no address.
  "http://example.com/",
  "ftp://example.com/",
  "file:///etc/passwd",
  "gopher://127.0.0.1:25/",
  "javascript:alert(1)",
  "data:text/plain,hello",
  "https://example.com:22/",
  "https://example.com:8080/",
  "https://example.com:6379/",
  "https://user@example.com/",
  "https://user:secret@example.com/",
  "https://example.com@127.0.0.1/",
  "https://127.0.0.1\\@example.com/",
  "https://example.com\\@127.0.0.1/",
  "//example.com/",
  "example.com",
  "",
  "https://",
  `https://example.com/${"a".repeat(2_048)}`,
];

const isOwnMachine = (url: string) => /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(url);

describe("a webhook's address is refused", () => {
  test.each(HOSTILE)("%s", (url) => {
    expect(() => readWebhookUrl(url, false)).toThrow(
      expect.objectContaining({ code: "invalid_fields", errors: [expect.anything()] }),
    );
  });

  test.each(HOSTILE.filter((url) => !isOwnMachine(URL.parse(url)?.href ?? "")))(
    "in development too: %s",
    (url) => {
      expect(() => readWebhookUrl(url, true)).toThrow(
        expect.objectContaining({ code: "invalid_fields" }),
      );
    },
  );
});

describe("a webhook's address is taken", () => {
  test.each([
    ["https://example.com/hooks/1?a=b", "https://example.com/hooks/1?a=b"],
    ["https://Hooks.Example.COM", "https://hooks.example.com/"],
    ["https://example.com:443/", "https://example.com/"],
    ["https://bücher.example/", "https://xn--bcher-kva.example/"],
    ["https://8.8.8.8/", "https://8.8.8.8/"],
    ["https://[2606:4700::1111]/", "https://[2606:4700::1111]/"],
    ["https://localhost.example.com/", "https://localhost.example.com/"],
  ])("%s", (url, href) => {
    expect(readWebhookUrl(url, false).href).toBe(href);
  });

  test.each(["http://127.0.0.1:9000/hook", "http://localhost:9000/", "https://127.0.0.1/"])(
    "in development alone: %s",
    (url) => {
      expect(readWebhookUrl(url, true).href).toBe(url);
      expect(() => readWebhookUrl(url, false)).toThrow();
    },
  );
});

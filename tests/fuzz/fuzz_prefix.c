/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as an address, a prefix and a MAC; what is accepted obeys arithmetic. */
#include "fuzz/fuzz.h"

#include <arpa/inet.h>
#include <strings.h>

#include "base/error.h"
#include "base/prefix.h"

static void check_text(const hbr_addr *addr, const char *text)
{
	char host[PREFIX_TEXT];
	char again[PREFIX_TEXT];
	uint8_t bytes[16];
	hbr_addr other;

	promise(addr->family == 4 || addr->family == 6);
	promise(addr->length <= prefix_bits(addr));
	prefix_format(addr, again);
	promise(strlen(again) < 50);
	promise(prefix_parse(again, &other, NULL) == 0 && prefix_equal(addr, &other));
	/* The system's reader accepts it too, and reads the same. */
	snprintf(host, sizeof(host), "%.*s", (int)strcspn(text, "/"), text);
	promise(inet_pton(addr->family == 4 ? AF_INET : AF_INET6, host, bytes) == 1);
	promise(memcmp(bytes, addr->bytes, addr->family == 4 ? 4 : 16) == 0);
}

static void check_arithmetic(const hbr_addr *addr, uint64_t index)
{
	hbr_addr network = prefix_network(addr);
	hbr_addr host = prefix_host(addr);
	hbr_addr part;

	promise(prefix_is_network(&network) && prefix_contains(&network, addr));
	promise(prefix_same_host(addr, &host) && prefix_contains(addr, &host));
	promise(prefix_overlaps(addr, &network));
	for (unsigned length = 0; length <= 130; length++) {
		uint64_t n = prefix_subnets(addr, (uint8_t)length);
		bool found = prefix_subnet(addr, (uint8_t)length, index, &part);

		promise(found == (n == UINT64_MAX || index < n));
		promise(!found ||
		        (prefix_contains(&network, &part) && prefix_is_network(&part)));
		promise(!found || part.length == length);
	}
	if (prefix_nth(addr, index, &part))
		promise(prefix_contains(addr, &part) && part.length == addr->length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size);
	_cleanup_error_ hbr_error *err = NULL;
	uint64_t index = 0;
	uint8_t mac[6];
	char mac_text[18];
	hbr_addr addr = { 0 };
	bool has_length = false;
	int rc = prefix_parse(text, &addr, &has_length);

	promise(rc == 0 || (rc == HBR_EINVAL && !addr.family));
	promise(hbr_addr_parse(text, &addr, &err) == rc && hbr_error_code(err) == rc);
	for (size_t i = 0; i < size; i++)
		index = index * 31 + data[i];
	if (rc == 0) {
		promise(has_length == (strchr(text, '/') != NULL));
		check_text(&addr, text);
		check_arithmetic(&addr, index);
		check_arithmetic(&addr, index % 9);
	}
	if (mac_parse(text, mac) == 0)
		promise(strcasecmp(mac_format(mac, mac_text), text) == 0);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses, prefixes and MACs. Arithmetic is done on 128 bits, left-aligned for both families. */
#include "base/prefix.h"

#include "base/error.h"

#include <arpa/inet.h>
#include <endian.h>
#include <string.h>

#define PREFIX_PARSE_MAX 49 /* an IPv6 address with dotted end, "/128" */
#define ADDR_PARSE_MAX 45

typedef unsigned __int128 wide;

static wide wide_of(const hbr_addr *addr)
{
	uint64_t halves[2];
	uint32_t v4;

	if (addr->family == 4) {
		memcpy(&v4, addr->bytes, sizeof(v4));
		return (wide)be32toh(v4) << 96;
	}
	memcpy(halves, addr->bytes, sizeof(halves));
	return (wide)be64toh(halves[0]) << 64 | be64toh(halves[1]);
}

static hbr_addr addr_of(wide value, uint8_t family, uint8_t length)
{
	hbr_addr addr = { .family = family, .length = length };
	const uint64_t halves[2] = { htobe64((uint64_t)(value >> 64)),
		                     htobe64((uint64_t)value) };

	memcpy(addr.bytes, halves, sizeof(halves));
	return addr;
}

static wide mask(uint8_t length)
{
	return length ? ~(wide)0 << (128 - length) : 0;
}

static bool same_network(const hbr_addr *a, const hbr_addr *b, uint8_t length)
{
	return a->family == b->family && !((wide_of(a) ^ wide_of(b)) & mask(length));
}

/* A decimal number of at most three digits without leading zeros; NULL when it is none. */
static const char *parse_number(const char *p, unsigned max, uint8_t *out)
{
	unsigned value = 0;
	const char *start = p;

	for (; *p >= '0' && *p <= '9' && p - start < 3; p++)
		value = value * 10 + (unsigned)(*p - '0');
	if (p == start || (*start == '0' && p - start > 1) || value > max)
		return NULL;
	*out = (uint8_t)value;
	return p;
}

static bool parse_v4(const char *p, uint8_t bytes[16])
{
	for (int i = 0; i < 4; i++) {
		p = parse_number(p, 255, &bytes[i]);
		if (!p || *p != (i < 3 ? '.' : '\0'))
			return false;
		p++;
	}
	return true;
}

int prefix_parse(const char *text, hbr_addr *out, bool *has_length)
{
	char host[ADDR_PARSE_MAX + 1];
	hbr_addr addr = { 0 };

	if (!text || strnlen(text, PREFIX_PARSE_MAX + 1) > PREFIX_PARSE_MAX)
		return HBR_EINVAL;

	const char *slash = strchrnul(text, '/');
	size_t n = (size_t)(slash - text);
	if (n > ADDR_PARSE_MAX)
		return HBR_EINVAL;

	memcpy(host, text, n);
	host[n] = '\0';
	addr.family = strchr(host, ':') ? 6 : 4;
	/* glibc's reader of IPv6 is strict: no zone, no white space, no leading zeros in a tail. */
	if (addr.family == 6 ? inet_pton(AF_INET6, host, addr.bytes) != 1
	                     : !parse_v4(host, addr.bytes))
		return HBR_EINVAL;
	addr.length = prefix_bits(&addr);
	if (*slash) {
		const char *end = parse_number(slash + 1, addr.length, &addr.length);
		if (!end || *end)
			return HBR_EINVAL;
	}
	*out = addr;
	if (has_length)
		*has_length = *slash != '\0';
	return 0;
}

/* Returns where the text goes on. A site has hundreds of thousands of these numbers. */
static char *put_number(char *at, uint8_t number)
{
	if (number >= 100)
		*at++ = (char)('0' + number / 100);
	if (number >= 10)
		*at++ = (char)('0' + number / 10 % 10);
	*at++ = (char)('0' + number % 10);
	return at;
}

static char *put_host(const hbr_addr *addr, char *at)
{
	if (addr->family == 6)
		return inet_ntop(AF_INET6, addr->bytes, at, PREFIX_TEXT) ? at + strlen(at) : at;
	for (int i = 0; addr->family && i < 4; i++) {
		if (i)
			*at++ = '.';
		at = put_number(at, addr->bytes[i]);
	}
	return at;
}

const char *prefix_format_host(const hbr_addr *addr, char *buf)
{
	*put_host(addr, buf) = '\0';
	return buf;
}

const char *prefix_format(const hbr_addr *addr, char *buf)
{
	char *at = put_host(addr, buf);

	if (at > buf) {
		*at++ = '/';
		at = put_number(at, addr->length);
	}
	*at = '\0';
	return buf;
}

int prefix_cmp(const hbr_addr *a, const hbr_addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;

	int order = memcmp(a->bytes, b->bytes, a->family == 4 ? 4 : 16);

	return order ? order : (int)a->length - (int)b->length;
}

bool prefix_equal(const hbr_addr *a, const hbr_addr *b)
{
	return prefix_cmp(a, b) == 0;
}

bool prefix_same_host(const hbr_addr *a, const hbr_addr *b)
{
	return same_network(a, b, 128);
}

uint8_t prefix_bits(const hbr_addr *addr)
{
	return addr->family == 6 ? 128 : 32;
}

hbr_addr prefix_network(const hbr_addr *addr)
{
	return addr_of(wide_of(addr) & mask(addr->length), addr->family, addr->length);
}

hbr_addr prefix_host(const hbr_addr *addr)
{
	return addr_of(wide_of(addr), addr->family, prefix_bits(addr));
}

bool prefix_is_network(const hbr_addr *addr)
{
	return !(wide_of(addr) & ~mask(addr->length));
}

bool prefix_contains(const hbr_addr *net, const hbr_addr *addr)
{
	return net->length <= addr->length && same_network(net, addr, net->length);
}

bool prefix_overlaps(const hbr_addr *a, const hbr_addr *b)
{
	return same_network(a, b, a->length < b->length ? a->length : b->length);
}

uint64_t prefix_subnets(const hbr_addr *net, uint8_t length)
{
	if (length < net->length || length > prefix_bits(net))
		return 0;
	return length - net->length >= 64 ? UINT64_MAX : (uint64_t)1 << (length - net->length);
}

bool prefix_subnet(const hbr_addr *net, uint8_t length, uint64_t index, hbr_addr *out)
{
	uint64_t n = prefix_subnets(net, length);
	if (index >= n && n != UINT64_MAX)
		return false;

	wide value = wide_of(net) & mask(net->length);

	if (index)
		value += (wide)index << (128 - length);
	*out = addr_of(value, net->family, length);
	return n > 0;
}

bool prefix_nth(const hbr_addr *net, uint64_t index, hbr_addr *out)
{
	hbr_addr host;
	if (!prefix_subnet(net, prefix_bits(net), index, &host))
		return false;

	host.length = net->length;
	*out = host;
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int mac_parse(const char *text, uint8_t out[6])
{
	uint8_t mac[6];

	if (!text || strnlen(text, 18) != 17)
		return HBR_EINVAL;
	for (size_t i = 0; i < 6; i++) {
		int high = hex_digit(text[3 * i]);
		int low = hex_digit(text[3 * i + 1]);
		if (high < 0 || low < 0 || text[3 * i + 2] != (i < 5 ? ':' : '\0'))
			return HBR_EINVAL;

		mac[i] = (uint8_t)(high << 4 | low);
	}
	memcpy(out, mac, sizeof(mac));
	return 0;
}

const char *mac_format(const uint8_t mac[6], char buf[18])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < 6; i++) {
		buf[3 * i] = digits[mac[i] >> 4];
		buf[3 * i + 1] = digits[mac[i] & 15];
		buf[3 * i + 2] = i < 5 ? ':' : '\0';
	}
	return buf;
}

void mac_derive(const char *name, uint8_t out[6])
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 0x100000001b3u;
	/* The upper bits are the better mixed ones. */
	hash ^= hash >> 32;
	for (size_t i = 0; i < 6; i++)
		out[i] = (uint8_t)(hash >> (8 * i));
	out[0] = (uint8_t)((out[0] & 0xfc) | 0x02);
}

int hbr_addr_parse(const char *text, hbr_addr *out, hbr_error **err)
{
	if (prefix_parse(text, out, NULL) == 0)
		return 0;
	hbr_fail(err, HBR_EINVAL, NULL, "\"%.64s\" is no address or prefix", text ? text : "");
	hbr_hint(err, "write it like 10.1.1.1/30 or 2001:db8::1/64");
	return HBR_EINVAL;
}

const char *hbr_addr_format(const hbr_addr *addr, char *buf, size_t size)
{
	char text[PREFIX_TEXT];

	if (size) {
		size_t n = strnlen(prefix_format(addr, text), size - 1);

		memcpy(buf, text, n);
		buf[n] = '\0';
	}
	return buf;
}

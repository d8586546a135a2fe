/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C (Castagnoli), as RFC 3720 has it: bit by bit into a table, then byte by byte. */
#include "base/log.h"

#define POLYNOMIAL 0x82F63B78u /* reflected */

/* Four bits at a time: the table is small enough to be made anew for every call. */
static void make_table(uint32_t table[16])
{
	for (uint32_t i = 0; i < 16; i++) {
		uint32_t rest = i;

		for (int bit = 0; bit < 4; bit++)
			rest = rest & 1 ? rest >> 1 ^ POLYNOMIAL : rest >> 1;
		table[i] = rest;
	}
}

uint32_t crc32c(const void *data, size_t n)
{
	const uint8_t *bytes = data;
	uint32_t crc = UINT32_MAX;
	uint32_t table[16];

	make_table(table);
	for (size_t i = 0; i < n; i++) {
		crc ^= bytes[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return ~crc;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/calendar.h"

enum {
	NOT_BCD = 100,
	FIRST_YEAR = 1970,
	LAST_YEAR = 2199,
};

static unsigned
from_bcd(uint8_t b)
{
	if ((b & 15) > 9 || b >> 4 > 9)
		return NOT_BCD;
	return (b >> 4) * 10u + (b & 15);
}

static bool
leap(unsigned year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned
month_days(unsigned year, unsigned month)
{
	static const uint8_t days[12] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && leap(year) ? 1u : 0u);
}

uint64_t
calendar_unix(const struct bcd_time *t)
{
	const unsigned century = from_bcd(t->century), y = from_bcd(t->year);
	const unsigned year = century * 100 + y;
	const unsigned month = from_bcd(t->month), day = from_bcd(t->day);
	const unsigned hour = from_bcd(t->hour);
	const unsigned minute = from_bcd(t->minute);
	const unsigned second = from_bcd(t->second);
	uint64_t       days = 0;

	if (century == NOT_BCD || y == NOT_BCD || year < FIRST_YEAR ||
	    year > LAST_YEAR || month < 1 || month > 12 || day < 1 ||
	    day > month_days(year, month) || hour > 23 || minute > 59 ||
	    second > 59)
		return 0;
	for (unsigned i = FIRST_YEAR; i < year; i++)
		days += leap(i) ? 366 : 365;
	for (unsigned i = 1; i < month; i++)
		days += month_days(year, i);
	days += day - 1;
	return ((days * 24 + hour) * 60 + minute) * 60 + second;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "uldrv/clock/mc146818/calendar.h"

#include "uldrv/class/clock.h"

enum { FIRST_YEAR = 2000, LAST_YEAR = 2099, DAY = 86400 };

/* Between 2000 and 2099 every fourth year is a leap year. */
static unsigned
month_days(unsigned year, unsigned month)
{
	static const uint8_t days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && year % 4 == 0 ? 1u : 0u);
}

void
calendar_split(uint64_t seconds, struct calendar *c)
{
	uint64_t since = seconds - (uint64_t)RTC_FIRST;
	unsigned days = (unsigned)(since / DAY), rest = (unsigned)(since % DAY);

	/* 1461 days are four years, of which the first is the leap year. */
	c->year = FIRST_YEAR + days / 1461 * 4;
	days %= 1461;
	c->month = 1;
	while (days >= month_days(c->year, c->month)) {
		days -= month_days(c->year, c->month);
		if (++c->month > 12) {
			c->month = 1;
			c->year++;
		}
	}
	c->day = days + 1;
	c->hour = rest / 3600;
	c->minute = rest / 60 % 60;
	c->second = rest % 60;
}

enum status
calendar_join(const struct calendar *c, uint64_t *seconds)
{
	unsigned days;

	if (c->year < FIRST_YEAR || c->year > LAST_YEAR || c->month < 1 ||
	    c->month > 12 || c->day < 1 ||
	    c->day > month_days(c->year, c->month) || c->hour > 23 ||
	    c->minute > 59 || c->second > 59)
		return RC_DEVICE;
	days = (c->year - FIRST_YEAR) * 365 + (c->year - FIRST_YEAR + 3) / 4;
	for (unsigned m = 1; m < c->month; m++)
		days += month_days(c->year, m);
	days += c->day - 1;
	*seconds = (uint64_t)RTC_FIRST + (uint64_t)days * DAY + c->hour * 3600 +
	    c->minute * 60 + c->second;
	return RC_OK;
}

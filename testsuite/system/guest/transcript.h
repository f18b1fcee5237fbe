/* SPDX-License-Identifier: BSD-2-Clause */
/* What the conformance tests said, booted from one of the guest images. */
#ifndef TESTSUITE_SYSTEM_GUEST_TRANSCRIPT_H
#define TESTSUITE_SYSTEM_GUEST_TRANSCRIPT_H

/* Of the machine of this suite; NULL: there is none. */
extern char *transcript;

/* Boot an image of guest/, and keep all that was said until the last line. */
int transcript_boot(const char *image, const char *machine, const char *cpu,
    unsigned deadline_s);

void transcript_forget(void);

/* The line that tells of a test; NULL: there is none. */
const char *transcript_line(const char *test);

/* Say it on standard error. */
void transcript_show(const char *line);

/* Does the guest's last line count as many tests? */
void transcript_counts(unsigned tests);

#endif

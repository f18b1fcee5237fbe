/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/cmd/command.h"

const char *
command_status(enum status st)
{
	static const char *const words[] = {
	    [RC_OK] = "no error",
	    [RC_VOID] = "there is none here",
	    [RC_RESTARTED] = "the machine was restarted meanwhile",
	    [RC_ORDER] = "it does not know this order",
	    [RC_CONTROL] = "malformed invocation",
	    [RC_ARGUMENT] = "an argument is out of range",
	    [RC_CAPABILITY] = "a capability of a wrong kind",
	    [RC_RIGHTS] = "this shell may not do that",
	    [RC_STRING] = "a text is too short or too long",
	    [RC_NO_MEMORY] = "out of memory",
	    [RC_NOT_RESIDENT] = "it may not wait for the disk",
	    [RC_BUSY] = "busy",
	    [RC_STATE] = "it is not in a state for that",
	    [RC_TAKEN] = "somebody else has it",
	    [RC_MEDIA] = "the disk could not deliver it intact",
	    [RC_EXISTS] = "there is one already",
	    [RC_NOT_FOUND] = "not found",
	    [RC_LIMIT] = "a limit is reached",
	    [RC_UNSUPPORTED] = "this machine cannot do it",
	    [RC_TIMEOUT] = "no answer in time",
	    [RC_DEVICE] = "the device reported an error",
	    [RC_CORRUPT] = "content failed its check",
	    [RC_FULL] = "the volume is full",
	};

	if ((unsigned)st >= sizeof(words) / sizeof(words[0]) ||
	    words[st] == NULL)
		return "unknown error";
	return words[st];
}

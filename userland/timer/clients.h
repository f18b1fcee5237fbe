/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Handles of single clients: a forwarder for each, which leads to us with the
 * client's number as data, and is sold when that has left. So whatever a client
 * has passed on ends with it, and its number is good for the next.
 */
#ifndef USERLAND_TIMER_CLIENTS_H
#define USERLAND_TIMER_CLIENTS_H

#include "userland/lib/shelf.h"
#include "userland/timer/times.h"

enum { PLACE_CLIENT = TIMES }; /* Of the shelf, + number: its forwarder. */

extern struct times times;
extern struct shelf shelf;

/* 0, or a number that has been given. */
bool client_is(unsigned number);

/* main.c: its times are forgotten, and who sleeps is told. */
void forget_client(unsigned client);

#endif

/*
 * follow - clean what is appended to files, across rotation and truncation.
 *
 * Files are read from their beginning; whole records leave at once. A file that
 * was renamed away is read to its end before its successor is opened. A named
 * pipe is held open, so that its writers may come and go.
 */
#ifndef SANITIZE_FOLLOW_H
#define SANITIZE_FOLLOW_H

#include "run.h"

/* Until a signal, or a failure, which is told and put into run->status. */
void follow_all(struct run *run);

#endif

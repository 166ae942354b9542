/*
 * Where the trace goes: stdout or a file, behind a bounded queue and a thread
 * that writes, because a write to either may block.
 *
 *   records -> batch -> queue -> writer thread -> file
 *              (loop's thread)   (its own)
 *
 * What takes bytes without waiting, as pipes and devices do, is written to by
 * the loop's own thread, as long as nothing is queued.
 *
 * A batch holds whole records, and is written whole before the next one.  Each
 * loop has an output of its own, and calls all functions from its own thread;
 * outputs that share a file share the queue and the writer (writer.h).  So the
 * records of one loop stay in order, and those of several are mixed batch by
 * batch.  The writer calls back by making each output_fd() readable.
 */
#ifndef SINK_OUTPUT_H
#define SINK_OUTPUT_H

#include "base/bytes.h"

/* Past the high mark output_full() is true, until the queue is down to the low
 * one; in bytes.  What one read of each loop brings may overrun the high
 * mark. */
#define OUTPUT_HIGH (4 * 1024 * 1024)
#define OUTPUT_LOW (OUTPUT_HIGH / 2)
/* A batch is handed over when it has so many bytes. */
#define OUTPUT_BATCH (512 * 1024)

struct output;

/*
 * Opens the file to append to it, mode 0600, or takes stdout when file is
 * NULL, and starts the writer.  Refuses symbolic links, directories, and FIFOs
 * that nobody reads.  With lines, records end in a newline, and a file that
 * cannot take all of them ends behind one.  Returns NULL after logging why.
 * The string must stay.
 */
struct output *output_open(const char *file, bool lines);

/*
 * One more output to the same file, for another loop.  Whether the queue is
 * full, writing has failed or all is written is the same for all of them.  Call
 * it before any of them finishes.  Returns NULL after logging why.
 */
struct output *output_share(const struct output *);

/* Where the next record is to be added: behind what is there. */
struct bytes *output_batch(struct output *);

/* One more record is in the batch, which is handed over if it is large. */
void output_commit(struct output *);

/* Hands the batch over to the writer. */
void output_flush(struct output *);

/* Whether there is a batch to flush. */
bool output_pending(const struct output *);

/* Whether the reader of the trace has fallen behind. */
bool output_full(const struct output *);

/* Whether twice the high mark is queued: not even a record that may not be
 * dropped should be made now. */
bool output_overfull(const struct output *);

/* Readable (an eventfd) when one of the states above or below has changed:
 * room again, failed, done.  output_seen() resets it. */
int output_fd(const struct output *);
void output_seen(struct output *);

/* Whether writing is impossible for good (the reader is gone); it is logged. */
bool output_failed(const struct output *);

/*
 * Opens the file anew and goes on there: after a rename, by SIGHUP.  If it
 * cannot be opened, logs that and keeps the old one.  No effect on stdout.
 */
void output_reopen(struct output *);

/* Flushes; no record comes after it.  output_done() tells when all outputs have
 * finished and all is written. */
void output_finish(struct output *);
bool output_done(const struct output *);

/* How many records of all outputs have not been written; while no other thread
 * makes records. */
uint64_t output_unwritten(struct output *);

/* The last one ends the writer, unless it hangs in a write: then it is left
 * alone, as is its memory, because the process is about to exit.  Until then
 * the others' threads may go on. */
void output_free(struct output *);

#endif

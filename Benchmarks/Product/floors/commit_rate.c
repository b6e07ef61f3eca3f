/* How many rows SQLite stores durably one after another, each in a transaction of its own (WAL, synchronous=FULL): commit_rate FILE SECONDS
   Prints the commits per second. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  unlink(arguments[1]);
  sqlite3 *db;
  if (sqlite3_open(arguments[1], &db) != SQLITE_OK) return 1;
  if (sqlite3_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, at BIGINT NOT NULL)", 0, 0, 0) != SQLITE_OK) return 1;
  sqlite3_stmt *insert;
  if (sqlite3_prepare_v2(db, "INSERT INTO t (id, name, at) VALUES (?, 'Ada Lovelace', ?)", -1, &insert, 0) != SQLITE_OK) return 1;
  double start = now(), end = start + atof(arguments[2]);
  long done = 0;
  char id[64];
  while (now() < end) {
    snprintf(id, sizeof id, "019370a0-7b1c-7def-8abc-%012ld", done);
    sqlite3_bind_text(insert, 1, id, -1, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 2, done);
    if (sqlite3_step(insert) != SQLITE_DONE) return 1;
    sqlite3_reset(insert);
    done++;
  }
  printf("%.1f\n", done / (now() - start));
  sqlite3_close(db);
  unlink(arguments[1]);
  return 0;
}

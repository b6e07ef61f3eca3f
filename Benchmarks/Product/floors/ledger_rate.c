/* How fast SQLite alone keeps a double-entry ledger durably, nothing asked and nothing decided: ledger_rate DATABASE BATCH SECONDS ACCOUNTS KEYS
   One row for each transfer, under its key; the balances that a batch changes are written once, with its commit. ACCOUNTS are drawn from in turns. KEYS are
   "ordered", as ids are that hold their time, or "random".
   Prints the transfers per second, and the microseconds of processor time of each. */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { EARNING = 10000, MOST = 20001 };

static sqlite3 *db;

static double wall(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static double processor(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void execute(const char *sql) {
  if (sqlite3_exec(db, sql, 0, 0, 0) == SQLITE_OK) return;
  fprintf(stderr, "%s: %s\n", sqlite3_errmsg(db), sql);
  exit(1);
}

static sqlite3_stmt *prepare(const char *sql) {
  sqlite3_stmt *made;
  if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, 0) == SQLITE_OK) return made;
  fprintf(stderr, "%s: %s\n", sqlite3_errmsg(db), sql);
  exit(1);
}

static void run(sqlite3_stmt *statement) {
  if (sqlite3_step(statement) != SQLITE_DONE) {
    fprintf(stderr, "%s: %s\n", sqlite3_errmsg(db), sqlite3_sql(statement));
    exit(1);
  }
  sqlite3_reset(statement);
}

int main(int count, char **arguments) {
  if (count != 6) return 2;
  int batch = atoi(arguments[2]), accounts = atoi(arguments[4]);
  int ordered = !strcmp(arguments[5], "ordered");
  double seconds = atof(arguments[3]);
  if (batch < 1 || accounts < 1 || accounts + EARNING >= MOST || sqlite3_open(arguments[1], &db) != SQLITE_OK) return 2;
  execute("PRAGMA journal_mode = WAL");
  execute("PRAGMA synchronous = FULL");
  execute("PRAGMA cache_size = -262144");
  execute("CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL)");
  execute("CREATE TABLE transfer (key BLOB PRIMARY KEY, debit INTEGER NOT NULL, credit INTEGER NOT NULL, amount INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID");
  static int64_t change[MOST];
  static int touched[MOST];
  sqlite3_stmt *begin = prepare("BEGIN IMMEDIATE"), *commit = prepare("COMMIT");
  sqlite3_stmt *open = prepare("INSERT INTO account VALUES (?, ?)");
  sqlite3_stmt *insert = prepare("INSERT INTO transfer VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
  sqlite3_stmt *update = prepare("UPDATE account SET balance = balance + ? WHERE id = ?");
  run(begin);
  for (int id = 1; id < MOST; id++) {
    sqlite3_bind_int(open, 1, id);
    sqlite3_bind_int64(open, 2, id <= MOST - EARNING ? 1000000000000 : 0);
    run(open);
  }
  run(commit);

  uint64_t moved = 0, random = 88172645463325252u;
  double start = wall(), used = processor();
  while (wall() - start < seconds) {
    int found = 0;
    run(begin);
    for (int place = 0; place < batch; place++, moved++) {
      random ^= random << 13, random ^= random >> 7, random ^= random << 17;
      uint64_t key[2] = {ordered ? __builtin_bswap64(moved) : random, moved};
      int debit = 1 + random % accounts, credit = MOST - EARNING + random / 8 % EARNING;
      sqlite3_bind_blob(insert, 1, key, sizeof key, SQLITE_STATIC);
      sqlite3_bind_int(insert, 2, debit);
      sqlite3_bind_int(insert, 3, credit);
      sqlite3_bind_int(insert, 4, 5);
      sqlite3_bind_int64(insert, 5, 1700000000000 + (int64_t)moved);
      run(insert);
      if (!change[debit]) touched[found++] = debit;
      change[debit] -= 5;
      if (!change[credit]) touched[found++] = credit;
      change[credit] += 5;
    }
    while (found--) {
      sqlite3_bind_int64(update, 1, change[touched[found]]);
      sqlite3_bind_int(update, 2, touched[found]);
      run(update);
      change[touched[found]] = 0;
    }
    run(commit);
  }
  double took = wall() - start;
  printf("%.0f %.3f\n", moved / took, (processor() - used) / moved * 1e6);
  return 0;
}

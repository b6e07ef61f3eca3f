/* How often SQLite stores durably what one accepted invitation changes, one after another, each in a transaction of its own: acceptance_rate DATABASE SECONDS
   DATABASE is one of the product's with people who are invited; the rows, indexes and settings are the product's, and nothing is asked or decided.
   Prints the commits per second. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COUNT = 40000, WRITES = 7 };

struct person { char invitation[40], account[40], name[64], handle[64], address[96], session[64], text[256]; };

static struct person people[COUNT];
static sqlite3 *db;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static sqlite3_stmt *prepare(const char *sql) {
  sqlite3_stmt *made;
  if (sqlite3_prepare_v2(db, sql, -1, &made, 0) == SQLITE_OK) return made;
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

static void bind(sqlite3_stmt *statement, const char *name, const char *value) {
  int place = sqlite3_bind_parameter_index(statement, name);
  if (place) sqlite3_bind_text(statement, place, value, -1, SQLITE_STATIC);
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  if (sqlite3_open(arguments[1], &db) != SQLITE_OK) return 1;
  if (sqlite3_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000", 0, 0, 0) != SQLITE_OK) return 1;
  sqlite3_stmt *invited = prepare(
      "SELECT i.id, a.id, a.name, n.text, e.address, s.digest, lower(a.name || ' ' || n.text || ' ' || e.address) FROM invitation i "
      "JOIN account_email e ON e.address = i.address JOIN account a ON a.id = e.account JOIN name n ON n.owner = a.id AND n.current = 1 "
      "JOIN session s ON s.account = a.id WHERE i.state = 'pending' ORDER BY i.id");
  int found = 0;
  for (; found < COUNT && sqlite3_step(invited) == SQLITE_ROW; found++) {
    struct person *person = &people[found];
    char *fields[] = {person->invitation, person->account, person->name, person->handle, person->address, person->session, person->text};
    size_t sizes[] = {40, 40, 64, 64, 96, 64, 256};
    for (int field = 0; field < 7; field++) snprintf(fields[field], sizes[field], "%s", (const char *)sqlite3_column_text(invited, field));
  }
  sqlite3_finalize(invited);
  sqlite3_stmt *one = prepare("SELECT id, 'organization:' || id FROM organization LIMIT 1");
  if (sqlite3_step(one) != SQLITE_ROW) return 1;
  char organization[40], stream[64];
  snprintf(organization, sizeof organization, "%s", (const char *)sqlite3_column_text(one, 0));
  snprintf(stream, sizeof stream, "%s", (const char *)sqlite3_column_text(one, 1));
  sqlite3_finalize(one);

  sqlite3_stmt *begin = prepare("BEGIN IMMEDIATE"), *commit = prepare("COMMIT");
  sqlite3_stmt *writes[WRITES] = {
      prepare("UPDATE event_head SET sequence = sequence + 1, hash = :hash WHERE stream = :stream"),
      prepare("INSERT INTO event (stream, sequence, id, at, action, outcome, reason, actor_kind, actor, actor_name, via, target_kind, target, target_name, changes, address, "
              "user_agent, request_id, previous, hash) SELECT :stream, sequence, :id, unixepoch() * 1000, 'invitation.accept', 'allowed', 'own', 'account', :account, :name, "
              "'session', 'invitation', :invitation, :address, '5:state7:pending8:accepted5:roles-6:member', '127.0.0.1', '', :id, :hash, :hash FROM event_head WHERE stream = :stream"),
      prepare("UPDATE invitation SET state = 'accepted', answered_at = unixepoch() * 1000, answered_by = :account, revision = revision + 1 WHERE id = :invitation"),
      prepare("INSERT INTO member (id, organization, account, roles, is_admin, source, since, handle, name, address, sort_name, search_text, segment, revision) "
              "VALUES (:id, :organization, :account, 'member', 0, 'invited', unixepoch() * 1000, :handle, :name, :address, lower(:name), :text, 'active member', 1)"),
      prepare("UPDATE member_segment SET members = members + 1 WHERE organization = :organization AND segment = 'active member'"),
      prepare("UPDATE organization SET members = members + 1 WHERE id = :organization"),
      prepare("UPDATE session SET used_at = unixepoch() * 1000 WHERE digest = :session"),
  };
  double start = now(), end = start + atof(arguments[2]);
  int done = 0;
  char id[64], hash[64];
  while (now() < end && done < found) {
    struct person *person = &people[done];
    snprintf(id, sizeof id, "019b0000-7b1c-7def-8abc-%012d", done);
    snprintf(hash, sizeof hash, "%043d", done);
    run(begin);
    for (int place = 0; place < WRITES; place++) {
      sqlite3_stmt *write = writes[place];
      bind(write, ":id", id);
      bind(write, ":hash", hash);
      bind(write, ":stream", stream);
      bind(write, ":organization", organization);
      bind(write, ":invitation", person->invitation);
      bind(write, ":account", person->account);
      bind(write, ":name", person->name);
      bind(write, ":handle", person->handle);
      bind(write, ":address", person->address);
      bind(write, ":session", person->session);
      bind(write, ":text", person->text);
      run(write);
      if (sqlite3_changes(db) != 1) {
        fprintf(stderr, "nothing changed: %s\n", sqlite3_sql(write));
        return 1;
      }
    }
    run(commit);
    done++;
  }
  printf("%.1f\n", done / (now() - start));
  return 0;
}

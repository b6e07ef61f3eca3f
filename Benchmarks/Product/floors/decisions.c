/* decisions WORLD ROUNDS: the least that answers the requests of a world (access_world.py), on flat arrays made for just that.
   Prints nanoseconds of processor time for each decision, the bytes of the arrays for each member, and how many answers were wrong. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct { int32_t organization; uint32_t teams; uint8_t teamCount, role, own[5]; } Member;
typedef struct { int32_t organization, parent; uint32_t grants, grantCount; uint8_t own[4]; } Resource;
typedef struct { int32_t team, resource; uint8_t count, slot[3], comparison[3], refers[3]; int32_t value[3]; } Deny;

static Member *members;
static Resource *resources;
static uint32_t *closure, *grants, *denyStart, *denyList;
static Deny *denies;
static int32_t standing[5], granted[3];

static int32_t *numbers(FILE *file, int *count) {
  if (fread(count, 4, 1, file) != 1) exit(1);
  int32_t *all = malloc(4ul * *count + 4);
  if (fread(all, 4, *count, file) != (size_t)*count) exit(1);
  return all;
}

static double processorTime(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static int decide(int32_t organization, int32_t who, int verb, int32_t what, const uint8_t *context) {
  const Member *member = &members[who];
  const Resource *resource = &resources[what];
  if (member->organization != organization || resource->organization != organization) return 0;
  const uint32_t *teams = closure + member->teams;
  int teamCount = member->teamCount, above[8], count = 0;
  for (int32_t x = what; x >= 0; x = resources[x].parent) above[count++] = x;
  int allowed = standing[member->role] >> verb & 1;
  if (member->role == 2) allowed &= resource->own[3];
  if (!allowed) {
    uint32_t roles = 0;
    for (int k = 0; k < 3; k++) if (granted[k] >> verb & 1) roles |= 1u << k;
    if (!roles) return 0;
    for (int i = 0; i < count && !allowed; i++) {
      const Resource *scope = &resources[above[i]];
      const uint32_t *grant = grants + scope->grants, *end = grant + scope->grantCount;
      for (; grant < end; grant++) {
        if (!(roles >> (*grant & 3) & 1)) continue;
        uint32_t holder = *grant >> 2;
        if (holder == (uint32_t)who) { allowed = 1; break; }
        if (holder >> 29) {
          for (int j = 0; j < teamCount; j++) if (teams[j] == (holder & 0x1fffffff)) { allowed = 1; goto decided; }
        }
      }
    }
  }
decided:
  if (!allowed) return 0;
  uint8_t facts[12];
  memcpy(facts, member->own, 5);
  memcpy(facts + 5, resource->own, 4);
  memcpy(facts + 9, context, 3);
  for (uint32_t k = denyStart[organization * 12 + verb], end = denyStart[organization * 12 + verb + 1]; k < end; k++) {
    const Deny *deny = &denies[denyList[k]];
    int holds = 1;
    for (int i = 0; i < deny->count && holds; i++) {
      int x = facts[deny->slot[i]], y = deny->refers[i] ? facts[deny->value[i]] : deny->value[i];
      switch (deny->comparison[i]) {
        case 0: holds = x == y; break;
        case 1: holds = x != y; break;
        case 2: holds = x >= y; break;
        default: holds = x <= y;
      }
    }
    if (!holds) continue;
    if (deny->team >= 0) {
      holds = 0;
      for (int j = 0; j < teamCount; j++) if (teams[j] == (uint32_t)deny->team) holds = 1;
      if (!holds) continue;
    }
    if (deny->resource >= 0) {
      holds = 0;
      for (int j = 0; j < count; j++) if (above[j] == deny->resource) holds = 1;
      if (!holds) continue;
    }
    return 0;
  }
  return 1;
}

static int byResource(const void *a, const void *b) {
  const int32_t *x = a, *y = b;
  return x[2] < y[2] ? -1 : x[2] > y[2];
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  FILE *file = fopen(argv[1], "rb");
  if (!file) return 2;
  int rounds = atoi(argv[2]), n, memberCount, teamCount, seatCount, resourceCount, grantCount, denyCount, requestCount, organizations = 0;
  memcpy(standing, numbers(file, &n), sizeof standing);
  memcpy(granted, numbers(file, &n), sizeof granted);
  int32_t *m = numbers(file, &memberCount), *t = numbers(file, &teamCount), *s = numbers(file, &seatCount), *r = numbers(file, &resourceCount);
  int32_t *g = numbers(file, &grantCount), *d = numbers(file, &denyCount), *q = numbers(file, &requestCount);
  memberCount /= 7, teamCount /= 2, seatCount /= 2, resourceCount /= 7, grantCount /= 4, denyCount /= 13, requestCount /= 8;

  members = calloc(memberCount, sizeof *members);
  uint32_t *seats = calloc(memberCount + 1, 4), *place = calloc(memberCount + 1, 4), *direct = malloc(4ul * seatCount + 4);
  for (int i = 0; i < seatCount; i++) seats[s[2 * i + 1] + 1]++;
  for (int i = 0; i < memberCount; i++) seats[i + 1] += seats[i];
  for (int i = 0; i < seatCount; i++) direct[seats[s[2 * i + 1]] + place[s[2 * i + 1]]++] = s[2 * i];
  size_t room = seatCount * 8ul + 16, used = 0;
  closure = malloc(4 * room);
  for (int i = 0; i < memberCount; i++) {
    members[i].organization = m[7 * i], members[i].role = m[7 * i + 1], members[i].teams = used;
    for (int k = 0; k < 5; k++) members[i].own[k] = m[7 * i + 2 + k];
    if (m[7 * i] >= organizations) organizations = m[7 * i] + 1;
    for (uint32_t j = seats[i]; j < seats[i + 1]; j++)
      for (int32_t x = direct[j]; x >= 0; x = t[2 * x + 1]) {
        int known = 0;
        for (size_t y = members[i].teams; y < used; y++) known |= closure[y] == (uint32_t)x;
        if (!known) { if (used == room) closure = realloc(closure, 4 * (room *= 2)); closure[used++] = x; }
      }
    members[i].teamCount = used - members[i].teams;
  }
  resources = calloc(resourceCount, sizeof *resources);
  for (int i = 0; i < resourceCount; i++) {
    resources[i].organization = r[7 * i], resources[i].parent = r[7 * i + 2];
    for (int k = 0; k < 4; k++) resources[i].own[k] = r[7 * i + 3 + k];
  }
  qsort(g, grantCount, 16, byResource);
  grants = malloc(4ul * grantCount + 4);
  for (int i = 0; i < grantCount; i++) {
    Resource *scope = &resources[g[4 * i + 2]];
    if (!scope->grantCount++) scope->grants = i;
    grants[i] = ((uint32_t)g[4 * i + 1] | (uint32_t)g[4 * i] << 29) << 2 | g[4 * i + 3];
  }
  denies = calloc(denyCount + 1, sizeof *denies);
  denyStart = calloc(organizations * 12 + 1, 4);
  for (int i = 0; i < denyCount; i++) {
    int32_t *row = d + 13 * i;
    denies[i].team = row[2], denies[i].resource = row[3];
    for (int k = 0; k < 3; k++) if (row[4 + 3 * k] >= 0) {
      int c = denies[i].count++, value = row[6 + 3 * k];
      denies[i].slot[c] = row[4 + 3 * k], denies[i].comparison[c] = row[5 + 3 * k], denies[i].refers[c] = value >= 256, denies[i].value[c] = value & 255;
    }
    for (int v = 0; v < 12; v++) if (row[1] >> v & 1) denyStart[row[0] * 12 + v + 1]++;
  }
  for (int i = 0; i < organizations * 12; i++) denyStart[i + 1] += denyStart[i];
  denyList = malloc(4ul * denyStart[organizations * 12] + 4);
  uint32_t *filled = calloc(organizations * 12 + 1, 4);
  for (int i = 0; i < denyCount; i++)
    for (int v = 0; v < 12; v++) if (d[13 * i + 1] >> v & 1) { int x = d[13 * i] * 12 + v; denyList[denyStart[x] + filled[x]++] = i; }

  uint8_t (*contexts)[3] = malloc(requestCount * 3);
  int wrong = 0;
  volatile long sum = 0;
  for (int i = 0; i < requestCount; i++) {
    int32_t *row = q + 8 * i;
    for (int k = 0; k < 3; k++) contexts[i][k] = row[4 + k];
    wrong += decide(row[0], row[1], row[2], row[3], contexts[i]) != row[7];
  }
  double best = 1e9;
  for (int repeat = 0; repeat < 5; repeat++) {
    double start = processorTime();
    for (int round = 0; round < rounds; round++)
      for (int i = 0; i < requestCount; i++) { int32_t *row = q + 8 * i; sum += decide(row[0], row[1], row[2], row[3], contexts[i]); }
    double used = (processorTime() - start) / rounds / requestCount * 1e9;
    if (used < best) best = used;
  }
  double bytes = memberCount * (double)sizeof *members + 4.0 * used + resourceCount * (double)sizeof *resources + 4.0 * grantCount + denyCount * (double)sizeof *denies
    + 4.0 * (organizations * 12 + 1) + 4.0 * denyStart[organizations * 12];
  printf("{\"nanoseconds\":%.2f,\"bytes\":%.1f,\"wrong\":%d}\n", best, bytes / memberCount, wrong);
  return 0;
}

/* How many passwords argon2id checks, at the product's standard cost, on so many threads in so many seconds: argon2_rate THREADS SECONDS
   Prints the number and the seconds it took. */
#include <argon2.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static atomic_long done;
static double deadline;
static char encoded[256];
static const char password[] = "nine lilac kites over water";

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void *check(void *unused) {
  while (now() < deadline) {
    if (argon2id_verify(encoded, password, strlen(password)) != ARGON2_OK) exit(1);
    atomic_fetch_add(&done, 1);
  }
  return unused;
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  int threads = atoi(arguments[1]);
  if (argon2id_hash_encoded(2, 19456, 1, password, strlen(password), "sixteen bytes!!!", 16, 32, encoded, sizeof encoded) != ARGON2_OK) return 1;
  double start = now();
  deadline = start + atof(arguments[2]);
  pthread_t running[64];
  for (int i = 0; i < threads && i < 64; i++) pthread_create(&running[i], NULL, check, NULL);
  for (int i = 0; i < threads && i < 64; i++) pthread_join(running[i], NULL);
  printf("%ld %f\n", atomic_load(&done), now() - start);
  return 0;
}

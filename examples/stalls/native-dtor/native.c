#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_t worker;
static int wakeup[2];

static void *wait_for_work(void *unused)
{
    char byte;
    while (read(wakeup[0], &byte, 1) < 0) continue;
    return unused;
}

/* Waits for the worker, as good libraries do, but doesn't tell it to end. */
__attribute__((destructor)) static void wait_for_worker(void)
{
    if (worker) pthread_join(worker, 0);
}

int open_library(void)
{
    return pipe(wakeup) == 0 && pthread_create(&worker, 0, wait_for_work, 0) == 0;
}

void close_library(void)
{
    if (write(wakeup[1], "", 1) == 1) pthread_join(worker, 0);
    worker = 0;
}

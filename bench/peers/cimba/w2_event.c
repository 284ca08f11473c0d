/* W2 M/M/1 on cimba's event queue only (callbacks, no processes). usage: w2_event customers */
#include <stdio.h>
#include <stdlib.h>

#include <cimba.h>

#include "bench/harness.h"
#define QCAP (1u << 20)
static double q[QCAP];
static uint32_t hd, tl;
static int busy;
static uint64_t left, n;
static double sum;
static void depart(void *s, void *o)
{
    sum += cmb_time() - q[hd++ & (QCAP - 1)];
    n++;
    if (hd != tl)
        cmb_event_schedule(depart, s, o, cmb_time() + cmb_random_exponential(1.0), 0);
    else
        busy = 0;
}
static void arrive(void *s, void *o)
{
    q[tl++ & (QCAP - 1)] = cmb_time();
    if (--left)
        cmb_event_schedule(arrive, s, o, cmb_time() + cmb_random_exponential(1.0 / 0.9), 0);
    if (!busy) {
        busy = 1;
        cmb_event_schedule(depart, s, o, cmb_time() + cmb_random_exponential(1.0), 0);
    }
}
int main(int c, char **v)
{
    left = c > 1 ? bench_count(v[1]) : 1e6;
    cmb_logger_flags_off(CMB_LOGGER_INFO);
    cmb_random_initialize(42);
    cmb_event_queue_initialize(0.0);
    cmb_event_schedule(arrive, NULL, NULL, cmb_random_exponential(1.0 / 0.9), 0);
    double t0 = bench_seconds();
    cmb_event_queue_execute();
    double t1 = bench_seconds();
    printf("cimba-event customers %lu ns/customer %.2f Mevents/s %.2f mean_sys %.4f\n",
           (unsigned long)n, (t1 - t0) / n * 1e9, 2 * n / (t1 - t0) / 1e6, sum / n);
    cmb_event_queue_terminate();
    cmb_random_terminate();
    return 0;
}

/* W2 M/M/1 on cimba processes and an object queue, as cimba's own MM1_single benchmark. usage:
 * w2_process customers */
#include <stdio.h>
#include <stdlib.h>

#include <cimba.h>

#include "bench/harness.h"
#include <cmi_mempool.h>
static CMB_THREAD_LOCAL struct cmi_mempool pool = CMI_MEMPOOL_STATIC_INIT(sizeof(void *), 512u);
static uint64_t num, n;
static double sum;
static void *arrival(struct cmb_process *me, void *q)
{
    cmb_unused(me);
    for (uint64_t i = 0; i < num; i++) {
        cmb_process_hold(cmb_random_exponential(1.0 / 0.9));
        double *d = cmi_mempool_alloc(&pool);
        *d = cmb_time();
        cmb_objectqueue_put(q, d);
    }
    return NULL;
}
static void *service(struct cmb_process *me, void *q)
{
    cmb_unused(me);
    for (;;) {
        void *o = NULL;
        cmb_objectqueue_get(q, &o);
        cmb_process_hold(cmb_random_exponential(1.0));
        sum += cmb_time() - *(double *)o;
        n++;
        cmi_mempool_free(&pool, o);
    }
}
int main(int c, char **v)
{
    num = c > 1 ? bench_count(v[1]) : 1e6;
    cmb_logger_flags_off(CMB_LOGGER_INFO);
    cmb_random_initialize(42);
    cmb_event_queue_initialize(0.0);
    struct cmb_objectqueue *q = cmb_objectqueue_create();
    cmb_objectqueue_initialize(q, "Q", CMB_UNLIMITED);
    struct cmb_process *a = cmb_process_create(), *s = cmb_process_create();
    cmb_process_initialize(a, "A", arrival, q, 0);
    cmb_process_start(a);
    cmb_process_initialize(s, "S", service, q, 0);
    cmb_process_start(s);
    double t0 = bench_seconds();
    cmb_event_queue_execute();
    double t1 = bench_seconds();
    printf("cimba-process customers %lu ns/customer %.2f Mevents/s %.2f mean_sys %.4f\n",
           (unsigned long)n, (t1 - t0) / n * 1e9, 2 * n / (t1 - t0) / 1e6, sum / n);
    return 0;
}

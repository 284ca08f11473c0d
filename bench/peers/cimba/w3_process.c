/* W3 tandem with credits on cimba: producers and consumers are processes, receive queues are
   cmb_objectqueues, links are scheduled events. The sender pool is a counter with a FIFO of yielded
   processes, because cmb_buffer lets a running process take a unit ahead of a waiting one
   (throughput then differs by 2-5 %). usage: w3_process K buffers */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cimba.h>

#include "bench/harness.h"
#define P 0.8
#define D 1.0
typedef struct node {
    double stamp;
    struct node *next;
    uint32_t ch, blog;
} node;
typedef struct {
    node *bh, *bt;
    uint32_t bn, credit, fl, waiting, id;
    struct cmb_objectqueue *rq;
    struct cmb_process *p, *s;
} chan;
static chan *C;
static node *fr;
static uint32_t K, S, ffree, *fw, fwh, fwt, fwm;
static uint64_t consumed, B;
static double lat, Tend, t1;
static struct cmb_process **pw;
static uint32_t poolfree, pwh, pwt;
static void arrive(void *s, void *o);
static void cred(void *s, void *o);
static void end(void *s, void *o)
{
    cmb_unused(s);
    cmb_unused(o);
    cmb_event_queue_clear();
}
static void try_send(chan *c)
{
    while (c->bn && c->credit) {
        node *n = c->bh;
        c->bh = n->next;
        c->bn--;
        c->credit--;
        n->blog = c->bn;
        if (pwh != pwt)
            cmb_process_resume(pw[pwh++ & fwm], CMB_PROCESS_SUCCESS);
        else
            poolfree++;
        cmb_event_schedule(arrive, c, n, cmb_time() + D, 0);
    }
}
static void cred(void *s, void *o)
{
    cmb_unused(o);
    chan *c = s;
    c->credit++;
    try_send(c);
}
static void arrive(void *s, void *o)
{
    chan *c = s;
    node *n = o;
    const uint32_t bl = n->blog;
    cmb_objectqueue_put(c->rq, n);
    if (bl && !c->waiting) {
        if (ffree) {
            ffree--;
            c->fl++;
            cmb_event_schedule(cred, c, NULL, cmb_time() + D, 0);
        } else {
            c->waiting = 1;
            fw[fwt++ & fwm] = c->id;
        }
    }
}
static void *producer(struct cmb_process *me, void *v)
{
    chan *c = v;
    for (;;) {
        if (poolfree)
            poolfree--;
        else {
            pw[pwt++ & fwm] = me;
            cmb_process_yield();
        }
        cmb_process_hold(cmb_random_exponential(P));
        node *n = fr;
        fr = n->next;
        n->stamp = cmb_time();
        n->next = NULL;
        if (c->bn++)
            c->bt->next = n;
        else
            c->bh = n;
        c->bt = n;
        try_send(c);
    }
}
static void *consumer(struct cmb_process *me, void *v)
{
    cmb_unused(me);
    chan *c = v;
    for (;;) {
        void *o = NULL;
        cmb_objectqueue_get(c->rq, &o);
        cmb_process_hold(cmb_random_exponential(1.0));
        node *n = o;
        lat += cmb_time() - n->stamp;
        n->next = fr;
        fr = n;
        if (++consumed == B) {
            Tend = cmb_time();
            t1 = bench_seconds();
            cmb_event_schedule(end, NULL, NULL, cmb_time(), 1000);
        }
        if (c->fl) {
            c->fl--;
            if (fwh != fwt) {
                chan *w = &C[fw[fwh++ & fwm]];
                w->waiting = 0;
                w->fl++;
                cmb_event_schedule(cred, w, NULL, cmb_time() + D, 0);
            } else
                ffree++;
        } else
            cmb_event_schedule(cred, c, NULL, cmb_time() + D, 0);
    }
}
int main(int ac, char **v)
{
    K = bench_count(v[1]);
    B = bench_count(v[2]);
    S = 2 * K + 8;
    ffree = 8;
    uint32_t m = 1;
    while (m < 2 * K)
        m *= 2;
    fw = calloc(m, 4);
    fwm = m - 1;
    C = calloc(K, sizeof *C);
    node *N = calloc(S + 2 * K + 10, sizeof *N);
    for (uint32_t i = 0; i < S + 2 * K + 10; i++) {
        N[i].next = fr;
        fr = &N[i];
    }
    cmb_logger_flags_off(CMB_LOGGER_INFO);
    cmb_random_initialize(42);
    cmb_event_queue_initialize(0.0);
    poolfree = S;
    pw = calloc(m, sizeof *pw);
    for (uint32_t k = 0; k < K; k++) {
        chan *c = &C[k];
        c->id = k;
        c->credit = 2;
        c->rq = cmb_objectqueue_create();
        cmb_objectqueue_initialize(c->rq, "rq", CMB_UNLIMITED);
        c->p = cmb_process_create();
        cmb_process_initialize(c->p, "p", producer, c, 0);
        cmb_process_start(c->p);
        c->s = cmb_process_create();
        cmb_process_initialize(c->s, "s", consumer, c, 0);
        cmb_process_start(c->s);
    }
    double t0 = bench_seconds();
    cmb_event_queue_execute();
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    printf("cimba-process K=%u buffers %lu buf/s %.0f | thr/ch %.4f latency %.4f rss_MiB %.1f\n", K,
           (unsigned long)B, B / (t1 - t0), B / (Tend * K), lat / consumed, r.ru_maxrss / 1024.0);
    fflush(stdout);
    _Exit(0);
}

/* W3 tandem with credits on cimba's event queue only (callbacks, no processes). usage: w3_event K
 * buffers */
#include <stdio.h>
#include <stdlib.h>
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
    node *bh, *bt, *rh, *rt;
    uint32_t bn, credit, fl, waiting, id, busy;
} chan;
static chan *C;
static node *fr;
static uint32_t K, S, poolfree, ffree, *fw, fwh, fwt, fwm, *pw, pwh, pwt, pwm;
static uint64_t consumed, B;
static double lat, Tend;
#define AT(f, s, o, dt) cmb_event_schedule(f, s, o, cmb_time() + (dt), 0)
static void prod(void *s, void *o);
static void arrive(void *s, void *o);
static void cred(void *s, void *o);
static void srv(void *s, void *o);
static void try_send(chan *c)
{
    while (c->bn && c->credit) {
        node *n = c->bh;
        c->bh = n->next;
        c->bn--;
        c->credit--;
        n->blog = c->bn;
        if (pwh != pwt)
            AT(prod, &C[pw[pwh++ & pwm]], NULL, cmb_random_exponential(P));
        else
            poolfree++;
        AT(arrive, c, n, D);
    }
}
static void prod(void *s, void *o)
{
    cmb_unused(o);
    chan *c = s;
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
    if (poolfree) {
        poolfree--;
        AT(prod, c, NULL, cmb_random_exponential(P));
    } else
        pw[pwt++ & pwm] = c->id;
}
static void arrive(void *s, void *o)
{
    chan *c = s;
    node *n = o;
    n->next = NULL;
    if (c->rh)
        c->rt->next = n;
    else
        c->rh = n;
    c->rt = n;
    if (!c->busy) {
        c->busy = 1;
        AT(srv, c, NULL, cmb_random_exponential(1.0));
    }
    if (n->blog && !c->waiting) {
        if (ffree) {
            ffree--;
            c->fl++;
            AT(cred, c, NULL, D);
        } else {
            c->waiting = 1;
            fw[fwt++ & fwm] = c->id;
        }
    }
}
static void srv(void *s, void *o)
{
    cmb_unused(o);
    chan *c = s;
    node *n = c->rh;
    c->rh = n->next;
    lat += cmb_time() - n->stamp;
    n->next = fr;
    fr = n;
    if (++consumed == B) {
        Tend = cmb_time();
        cmb_event_queue_clear();
        return;
    }
    if (c->fl) {
        c->fl--;
        if (fwh != fwt) {
            chan *w = &C[fw[fwh++ & fwm]];
            w->waiting = 0;
            w->fl++;
            AT(cred, w, NULL, D);
        } else
            ffree++;
    } else
        AT(cred, c, NULL, D);
    if (c->rh)
        AT(srv, c, NULL, cmb_random_exponential(1.0));
    else
        c->busy = 0;
}
static void cred(void *s, void *o)
{
    cmb_unused(o);
    chan *c = s;
    c->credit++;
    try_send(c);
}
int main(int ac, char **v)
{
    K = bench_count(v[1]);
    B = bench_count(v[2]);
    S = poolfree = 2 * K + 8;
    ffree = 8;
    uint32_t m = 1;
    while (m < 2 * K)
        m *= 2;
    fw = calloc(m, 4);
    pw = calloc(m, 4);
    pwm = fwm = m - 1;
    C = calloc(K, sizeof *C);
    node *N = calloc(S + 2 * K + 10, sizeof *N);
    for (uint32_t i = 0; i < S + 2 * K + 10; i++) {
        N[i].next = fr;
        fr = &N[i];
    }
    cmb_logger_flags_off(CMB_LOGGER_INFO);
    cmb_random_initialize(42);
    cmb_event_queue_initialize(0.0);
    for (uint32_t k = 0; k < K; k++) {
        C[k].id = k;
        C[k].credit = 2;
        poolfree--;
        AT(prod, &C[k], NULL, cmb_random_exponential(P));
    }
    double t0 = bench_seconds();
    cmb_event_queue_execute();
    double t1 = bench_seconds();
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    printf("cimba-event K=%u buffers %lu buf/s %.0f | thr/ch %.4f latency %.4f rss_MiB %.1f\n", K,
           (unsigned long)B, B / (t1 - t0), B / (Tend * K), lat / consumed, r.ru_maxrss / 1024.0);
    return 0;
}

#include "studies/replicate.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim/arena.h"

/* A run that waits for its turn. */
struct slot {
    struct study_run *run;
    struct sim_err err;
    bool is_over;
};

struct shop {
    const struct study_replicate_params *params;
    pthread_mutex_t lock;
    pthread_cond_t moved; /* `taken` grew, or it is over */
    uint64_t next;        /* item to begin */
    uint64_t taken;       /* items handed over */
    bool is_over;
    bool was_interrupted;
    struct sim_err err;
    struct slot *slots; /* of item i: i % slot_count */
    uint32_t slot_count;
    sim_time simulated; /* of all runs */
    uint64_t events;
};

/* What the progress of one run is reported through. */
struct teller {
    struct shop *shop;
    sim_time simulated;
    uint64_t events;
};

static bool tell(void *arg, sim_time now, uint64_t events)
{
    struct teller *teller = arg;
    struct shop *shop = teller->shop;
    const struct study_replicate_params *params = shop->params;
    bool goes_on;

    pthread_mutex_lock(&shop->lock);
    shop->simulated += now - teller->simulated;
    shop->events += events - teller->events;
    teller->simulated = now;
    teller->events = events;
    if (!shop->is_over && params->progress != NULL &&
        !params->progress(params->progress_arg, shop->simulated, shop->events)) {
        shop->is_over = true;
        shop->was_interrupted = true;
        pthread_cond_broadcast(&shop->moved);
    }
    goes_on = !shop->is_over;
    pthread_mutex_unlock(&shop->lock);
    return goes_on;
}

/* Without the lock. */
static void run_item(struct shop *shop, uint64_t item)
{
    struct slot *slot = &shop->slots[item % shop->slot_count];
    struct teller teller = {.shop = shop};
    struct study_run_params params = {0};

    shop->params->describe(shop->params->arg, item, &params);
    params.progress = tell;
    params.progress_arg = &teller;
    slot->run = study_run_create(&params, &slot->err);
    if (slot->run != NULL && !study_run_go(slot->run, &slot->err)) {
        study_run_destroy(slot->run);
        slot->run = NULL;
    }
    if (slot->run != NULL) {
        const struct study_outcome *outcome = study_run_outcome(slot->run);

        tell(&teller, outcome->simulated, outcome->events);
    }
}

/* Hand over what is over and next in order; with the lock. */
static void hand_over(struct shop *shop)
{
    while (!shop->is_over && shop->taken < shop->params->items) {
        struct slot *slot = &shop->slots[shop->taken % shop->slot_count];

        if (!slot->is_over) {
            return;
        }
        slot->is_over = false;
        if (slot->run == NULL) {
            shop->err = slot->err;
            shop->is_over = true;
        } else {
            struct study_run *run = slot->run;

            slot->run = NULL;
            shop->is_over = !shop->params->take(shop->params->arg, shop->taken, run);
        }
        shop->taken++;
    }
    shop->is_over = shop->is_over || shop->taken == shop->params->items;
}

static void *work(void *arg)
{
    struct shop *shop = arg;

    pthread_mutex_lock(&shop->lock);
    while (!shop->is_over && shop->next < shop->params->items) {
        uint64_t item;

        if (shop->next - shop->taken >= shop->slot_count) {
            pthread_cond_wait(&shop->moved, &shop->lock);
            continue;
        }
        item = shop->next++;
        pthread_mutex_unlock(&shop->lock);
        run_item(shop, item);
        pthread_mutex_lock(&shop->lock);
        shop->slots[item % shop->slot_count].is_over = true;
        hand_over(shop);
        pthread_cond_broadcast(&shop->moved);
    }
    pthread_mutex_unlock(&shop->lock);
    return NULL;
}

static void run_threads(struct shop *shop)
{
    uint64_t items = shop->params->items;
    uint32_t wanted = shop->params->jobs < items ? shop->params->jobs : (uint32_t)items;
    pthread_t *threads = sim_alloc(wanted + 1, sizeof *threads);
    uint32_t started = 0;

    /* The caller's thread works too; a thread that cannot be had is done without. */
    while (started + 1 < wanted && pthread_create(&threads[started], NULL, work, shop) == 0) {
        started++;
    }
    work(shop);
    while (started > 0) {
        pthread_join(threads[--started], NULL);
    }
    free(threads);
}

bool study_replicate(const struct study_replicate_params *params, bool *was_interrupted,
                     struct sim_err *err)
{
    struct shop shop = {.params = params, .slot_count = STUDY_AHEAD * params->jobs};

    shop.slots = sim_alloc(shop.slot_count, sizeof *shop.slots);
    pthread_mutex_init(&shop.lock, NULL);
    pthread_cond_init(&shop.moved, NULL);
    run_threads(&shop);
    for (uint32_t i = 0; i < shop.slot_count; i++) {
        study_run_destroy(shop.slots[i].run);
    }
    pthread_cond_destroy(&shop.moved);
    pthread_mutex_destroy(&shop.lock);
    free(shop.slots);
    *was_interrupted = shop.was_interrupted;
    if (shop.err.code != SIM_ERR_NONE) {
        if (err != NULL) {
            *err = shop.err;
        }
        return false;
    }
    return true;
}

uint32_t study_processors(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);

    return count < 1 ? 1 : (uint32_t)count;
}

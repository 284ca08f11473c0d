#include "studies/replicated.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/arena.h"
#include "sim/interval.h"
#include "sim/stats.h"

/* A row, and what it is made of. */
struct entry {
    struct study_result_row row;
    struct sim_tally all;   /* observations of all replications */
    struct sim_tally means; /* one value a replication */
};

struct study_replicated {
    struct sim_arena *arena; /* names */
    struct entry *entries;
    size_t count;
    size_t capacity;
    size_t cursor; /* where the next row is expected: they come in the same order every time */
    struct study_result_row *rows;
};

struct study_replicated *study_replicated_create(void)
{
    struct study_replicated *replicated = sim_alloc(1, sizeof *replicated);

    replicated->arena = sim_arena_create();
    return replicated;
}

void study_replicated_destroy(struct study_replicated *replicated)
{
    if (replicated == NULL) {
        return;
    }
    sim_arena_destroy(replicated->arena);
    free(replicated->entries);
    free(replicated->rows);
    free(replicated);
}

static bool is_same(const struct study_result_row *a, const struct study_result_row *b)
{
    return a->is_all == b->is_all && (a->is_all || a->subtask == b->subtask) &&
           strcmp(a->metric, b->metric) == 0 && strcmp(a->vertex, b->vertex) == 0;
}

/* A new entry at the cursor. */
static struct entry *insert(struct study_replicated *replicated, const struct study_result_row *row)
{
    struct entry *entry;

    if (replicated->count == replicated->capacity) {
        replicated->capacity = 2 * replicated->capacity + 64;
        replicated->entries =
            sim_realloc(replicated->entries, replicated->capacity, sizeof *replicated->entries);
    }
    entry = &replicated->entries[replicated->cursor];
    memmove(entry + 1, entry, (replicated->count - replicated->cursor) * sizeof *entry);
    replicated->count++;
    *entry = (struct entry){.row = *row};
    entry->row.vertex = sim_arena_strdup(replicated->arena, row->vertex);
    entry->row.metric = sim_arena_strdup(replicated->arena, row->metric);
    return entry;
}

/* A metric may be missing in a replication in which nothing arrived. */
static struct entry *find(struct study_replicated *replicated, const struct study_result_row *row)
{
    for (size_t i = 0; i < replicated->count; i++) {
        size_t at = (replicated->cursor + i) % replicated->count;

        if (is_same(&replicated->entries[at].row, row)) {
            replicated->cursor = at;
            return &replicated->entries[at];
        }
    }
    return insert(replicated, row);
}

static void add_row(void *arg, const struct study_result_row *row)
{
    struct study_replicated *replicated = arg;
    struct entry *entry = find(replicated, row);
    struct sim_tally observations = {.n = row->n,
                                     .mean = row->mean,
                                     .m2 = row->sd * row->sd * (double)(row->n - 1),
                                     .min = row->min,
                                     .max = row->max};

    replicated->cursor++;
    sim_tally_merge(&entry->all, &observations);
    sim_tally_add(&entry->means, row->mean);
}

void study_replicated_add(struct study_replicated *replicated, const struct study_run *run)
{
    replicated->cursor = 0;
    study_result_each_row(run, add_row, replicated);
}

const struct study_result_row *study_replicated_rows(struct study_replicated *replicated,
                                                     size_t *count)
{
    free(replicated->rows);
    replicated->rows = sim_alloc(replicated->count + 1, sizeof *replicated->rows);
    for (size_t i = 0; i < replicated->count; i++) {
        const struct entry *entry = &replicated->entries[i];
        struct study_result_row *row = &replicated->rows[i];
        struct sim_interval interval = sim_interval_of(&entry->means, SIM_CONFIDENCE);

        *row = entry->row;
        row->n = entry->all.n;
        row->mean = interval.mean;
        row->sd = sim_tally_sd(row->quantile > 0 ? &entry->means : &entry->all);
        row->min = entry->all.min;
        row->max = entry->all.max;
        row->reps = (uint32_t)interval.n;
        row->half_width = interval.half_width;
    }
    *count = replicated->count;
    return replicated->rows;
}

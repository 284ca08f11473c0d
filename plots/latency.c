#include "plots/latency.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plots/csv.h"
#include "sim/arena.h"

struct bucket {
    double low_ms;
    double high_ms;
    double count;
};

struct vertex {
    char *name;
    bool is_all; /* the buckets are those of `all` */
    struct bucket *buckets;
    uint32_t count;
    uint32_t capacity;
};

struct book {
    struct vertex *vertices;
    uint32_t count;
    uint32_t rows;
};

/* Below this the histogram's zero stands, which has no place on a logarithmic axis. */
static const double least_ms = 0.001;

/* A share that lies below every axis: the end of a curve falls to the floor. */
static const double floor_share = 1e-12;

static int compare(const void *left, const void *right)
{
    const struct bucket *a = left;
    const struct bucket *b = right;
    if (a->low_ms != b->low_ms) {
        return a->low_ms < b->low_ms ? -1 : 1;
    }
    return (a->high_ms > b->high_ms) - (a->high_ms < b->high_ms);
}

static struct vertex *get_vertex(struct book *book, const char *name)
{
    for (uint32_t i = book->count; i-- > 0;) {
        if (strcmp(book->vertices[i].name, name) == 0) {
            return &book->vertices[i];
        }
    }
    if (book->count == PLT_LATENCY_MAX_VERTICES) {
        return NULL;
    }
    book->vertices = sim_realloc(book->vertices, book->count + 1, sizeof *book->vertices);
    struct vertex *vertex = &book->vertices[book->count++];
    *vertex = (struct vertex){.name = sim_alloc(strlen(name) + 1, 1)};
    strcpy(vertex->name, name);
    return vertex;
}

static void add_bucket(struct vertex *vertex, const struct bucket *bucket)
{
    if (vertex->count == vertex->capacity) {
        vertex->capacity = vertex->capacity > 0 ? 2 * vertex->capacity : 64;
        vertex->buckets = sim_realloc(vertex->buckets, vertex->capacity, sizeof *vertex->buckets);
    }
    vertex->buckets[vertex->count++] = *bucket;
}

static bool add_row(struct book *book, const struct sim_csv *csv, struct sim_err *err)
{
    struct bucket bucket;
    uint32_t subtask;
    bool is_all = strcmp(csv->fields[1], "all") == 0;
    if ((!is_all && !sim_csv_index(csv, 1, UINT32_MAX - 1, &subtask, err)) ||
        !sim_csv_number(csv, 2, 0, 1e15, &bucket.low_ms, err) ||
        !sim_csv_number(csv, 3, bucket.low_ms, 1e15, &bucket.high_ms, err) ||
        !sim_csv_number(csv, 4, 0, 1e18, &bucket.count, err)) {
        return false;
    }
    struct vertex *vertex = get_vertex(book, csv->fields[0]);
    if (!vertex || book->rows == PLT_LATENCY_MAX_BUCKETS) {
        return sim_err_set_at(err, SIM_ERR_LIMIT, csv->path, csv->line, 1,
                              "more than %d vertices or %d rows", PLT_LATENCY_MAX_VERTICES,
                              PLT_LATENCY_MAX_BUCKETS);
    }
    if (is_all && !vertex->is_all) {
        vertex->is_all = true;
        vertex->count = 0;
    }
    if (is_all == vertex->is_all && bucket.count > 0) {
        add_bucket(vertex, &bucket);
        book->rows++;
    }
    return true;
}

/* Sort the buckets, and put those of several subtasks over the same span together. */
static double settle(struct vertex *vertex)
{
    if (vertex->count > 0) { /* qsort() may not be given NULL */
        qsort(vertex->buckets, vertex->count, sizeof *vertex->buckets, compare);
    }
    uint32_t kept = 0;
    double total = 0;
    for (uint32_t i = 0; i < vertex->count; i++) {
        struct bucket *bucket = &vertex->buckets[i];
        total += bucket->count;
        if (kept > 0 && compare(&vertex->buckets[kept - 1], bucket) == 0) {
            vertex->buckets[kept - 1].count += bucket->count;
        } else {
            vertex->buckets[kept++] = *bucket;
        }
    }
    vertex->count = kept;
    return total;
}

static double quantile(const struct vertex *vertex, double total, double share)
{
    double below = 0;
    for (uint32_t i = 0; i < vertex->count; i++) {
        const struct bucket *bucket = &vertex->buckets[i];
        if (below + bucket->count >= share * total) {
            double part = (share * total - below) / bucket->count;
            return bucket->low_ms + part * (bucket->high_ms - bucket->low_ms);
        }
        below += bucket->count;
    }
    return vertex->buckets[vertex->count - 1].high_ms;
}

static bool write_curve(const struct vertex *vertex, double total, uint32_t number,
                        const char *directory, struct sim_err *err)
{
    char name[64];
    snprintf(name, sizeof name, "latency-%u.tsv", (unsigned)number);
    struct plt_out out;
    if (!plt_out_open(&out, directory, name, err)) {
        return false;
    }
    fputs("ms\tshare_later\n", out.file);
    double left = total;
    double last_ms = -1;
    for (uint32_t i = 0; i < vertex->count; i++) {
        const struct bucket *bucket = &vertex->buckets[i];
        if (bucket->low_ms > last_ms) {
            fprintf(out.file, "%.9g\t%.9g\n", fmax(bucket->low_ms, least_ms), left / total);
        }
        left -= bucket->count;
        last_ms = bucket->high_ms;
        fprintf(out.file, "%.9g\t%.9g\n", fmax(last_ms, least_ms),
                i + 1 == vertex->count ? floor_share : left / total);
    }
    return plt_out_close(&out, err);
}

static bool write_book(struct book *book, const char *directory, uint32_t *vertices,
                       struct sim_err *err)
{
    struct plt_out out;
    if (!plt_out_open(&out, directory, "latency.tsv", err)) {
        return false;
    }
    *vertices = 0;
    bool is_good = true;
    fputs("name\trecords\tp50_ms\tp99_ms\tp999_ms\tmax_ms\n", out.file);
    for (uint32_t i = 0; i < book->count && is_good; i++) {
        struct vertex *vertex = &book->vertices[i];
        double total = settle(vertex);
        if (total <= 0) {
            continue;
        }
        is_good = write_curve(vertex, total, ++*vertices, directory, err);
        plt_out_text(out.file, vertex->name);
        fprintf(out.file, "\t%.0f\t%.9g\t%.9g\t%.9g\t%.9g\n", total,
                fmax(quantile(vertex, total, 0.5), least_ms),
                fmax(quantile(vertex, total, 0.99), least_ms),
                fmax(quantile(vertex, total, 0.999), least_ms),
                fmax(vertex->buckets[vertex->count - 1].high_ms, least_ms));
    }
    return plt_out_close(&out, is_good ? err : NULL) && is_good;
}

bool plt_latency_write(const char *path, const char *directory, uint32_t *vertices,
                       struct sim_err *err)
{
    struct sim_csv csv;
    if (!plt_csv_open(&csv, path, "vertex,subtask,low_ms,high_ms,count", err)) {
        return false;
    }
    struct book book = {0};
    enum sim_csv_next next;
    while ((next = sim_csv_next(&csv, err)) == SIM_CSV_ROW) {
        if (!add_row(&book, &csv, err)) {
            next = SIM_CSV_ERROR;
            break;
        }
    }
    sim_csv_close(&csv);
    bool is_good = next == SIM_CSV_END && write_book(&book, directory, vertices, err);
    for (uint32_t i = 0; i < book.count; i++) {
        free(book.vertices[i].name);
        free(book.vertices[i].buckets);
    }
    free(book.vertices);
    return is_good;
}

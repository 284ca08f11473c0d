#include "studies/recording_index.h"

#include <stdlib.h>
#include <string.h>

#include "sim/arena.h"

#define FREE UINT32_MAX

/* Both tables are open and at most half full; their sizes are powers of two. */
struct study_recording_index {
    struct sim_arena *arena;
    const char **names;
    size_t name_count;
    size_t name_places;
    uint32_t *series; /* places in recording->series */
    size_t series_places;
    size_t series_capacity;
};

struct study_recording_index *study_recording_index_create(void)
{
    struct study_recording_index *index = sim_alloc(1, sizeof *index);

    index->arena = sim_arena_create();
    return index;
}

void study_recording_index_destroy(struct study_recording_index *index)
{
    if (index == NULL) {
        return;
    }
    sim_arena_destroy(index->arena);
    free(index->names);
    free(index->series);
    free(index);
}

/* FNV-1a */
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ at[i]) * UINT64_C(1099511628211);
    }
    return hash ^ (hash >> 29);
}

#define HASH_START UINT64_C(14695981039346656037)

/* Where a name is, or would be. */
static size_t name_place(const struct study_recording_index *index, const char *name)
{
    size_t place = (size_t)hash_bytes(HASH_START, name, strlen(name)) & (index->name_places - 1);

    while (index->names[place] != NULL && strcmp(index->names[place], name) != 0) {
        place = (place + 1) & (index->name_places - 1);
    }
    return place;
}

static void grow_names(struct study_recording_index *index)
{
    struct study_recording_index old = *index;

    index->name_places = old.name_places == 0 ? 64 : 2 * old.name_places;
    index->names = sim_alloc(index->name_places, sizeof *index->names);
    for (size_t i = 0; i < old.name_places; i++) {
        if (old.names[i] != NULL) {
            index->names[name_place(index, old.names[i])] = old.names[i];
        }
    }
    free(old.names);
}

const char *study_recording_known(const struct study_recording_index *index, const char *name)
{
    return index->name_places == 0 ? NULL : index->names[name_place(index, name)];
}

const char *study_recording_name(struct study_recording_index *index, const char *name)
{
    size_t place;

    if (2 * (index->name_count + 1) > index->name_places) {
        grow_names(index);
    }
    place = name_place(index, name);
    if (index->names[place] == NULL) {
        if (index->name_count == STUDY_RECORDING_MAX_NAMES ||
            strlen(name) > STUDY_RECORDING_MAX_NAME) {
            return NULL;
        }
        index->names[place] = sim_arena_strdup(index->arena, name);
        index->name_count++;
    }
    return index->names[place];
}

/* Where a series is, or would be. Names are compared by address, for each is kept once. */
static size_t series_place(const struct study_recording *recording, const char *vertex,
                           uint32_t subtask, const char *metric)
{
    const struct study_recording_index *index = recording->index;
    uint64_t hash = hash_bytes(HASH_START, vertex, strlen(vertex));
    size_t place;

    hash = hash_bytes(hash, &subtask, sizeof subtask);
    hash = hash_bytes(hash, metric, strlen(metric));
    place = (size_t)hash & (index->series_places - 1);
    while (index->series[place] != FREE) {
        const struct study_recorded_series *at = &recording->series[index->series[place]];

        if (at->vertex == vertex && at->subtask == subtask && at->metric == metric) {
            break;
        }
        place = (place + 1) & (index->series_places - 1);
    }
    return place;
}

uint32_t study_recording_find(const struct study_recording *recording, const char *vertex,
                              uint32_t subtask, const char *metric)
{
    const struct study_recording_index *index = recording->index;

    return index->series_places == 0
               ? FREE
               : index->series[series_place(recording, vertex, subtask, metric)];
}

static void grow_series(struct study_recording *recording)
{
    struct study_recording_index *index = recording->index;

    free(index->series);
    index->series_places = index->series_places == 0 ? 64 : 2 * index->series_places;
    index->series = sim_alloc(index->series_places, sizeof *index->series);
    for (size_t i = 0; i < index->series_places; i++) {
        index->series[i] = FREE;
    }
    index->series_capacity = index->series_places / 2;
    recording->series =
        sim_realloc(recording->series, index->series_capacity, sizeof *recording->series);
    for (size_t i = 0; i < recording->series_count; i++) {
        const struct study_recorded_series *at = &recording->series[i];

        index->series[series_place(recording, at->vertex, at->subtask, at->metric)] = (uint32_t)i;
    }
}

uint32_t study_recording_add(struct study_recording *recording, const char *vertex,
                             uint32_t subtask, const char *metric)
{
    uint32_t added = (uint32_t)recording->series_count;

    if (recording->series_count == recording->index->series_capacity) {
        grow_series(recording);
    }
    recording->index->series[series_place(recording, vertex, subtask, metric)] = added;
    recording->series[recording->series_count++] =
        (struct study_recorded_series){.vertex = vertex, .metric = metric, .subtask = subtask};
    return added;
}

void study_recording_sample(struct study_recorded_series *series, double seconds, double value)
{
    if (series->count == series->capacity) {
        series->capacity = series->capacity == 0 ? 16 : 2 * series->capacity;
        series->seconds = sim_realloc(series->seconds, series->capacity, sizeof *series->seconds);
        series->values = sim_realloc(series->values, series->capacity, sizeof *series->values);
    }
    series->seconds[series->count] = seconds;
    series->values[series->count] = value;
    series->count++;
}

#ifndef BENCH_CREF_CALENDAR_H
#define BENCH_CREF_CALENDAR_H
/*
 * A calendar queue (Brown 1988): days are sorted lists, a year of them is a ring. Days are three
 * times as long as the gaps between the next entries; their number follows that of the entries.
 */
#include "bench/cref/common.h"

struct day {
    uint32_t first; /* 0: empty */
    uint32_t last;
};

struct node {
    union entry entry;
    uint32_t next;
};

static struct node *nodes; /* from 1 on */
static uint32_t nodes_free;
static uint32_t nodes_used = 1;
static struct day *days;
static size_t day_count = 2;
static size_t entry_count;
static size_t today;
static uint64_t today_number; /* days since the start */
static double reached;
static double days_per_time = 1;

static void queue_start(size_t capacity)
{
    nodes = take_memory((capacity + 2) * sizeof *nodes);
    days = calloc(day_count, sizeof *days);
}

static inline uint64_t day_number(double time)
{
    return (uint64_t)(time * days_per_time);
}

static inline void insert(uint32_t index)
{
    struct node *node = &nodes[index];
    struct day *day = &days[day_number(time_of(node->entry)) & (day_count - 1)];
    node->next = 0;
    if (day->first == 0) {
        day->first = day->last = index;
    } else if (nodes[day->last].entry.key < node->entry.key) {
        nodes[day->last].next = index;
        day->last = index;
    } else {
        uint32_t *link = &day->first;
        while (nodes[*link].entry.key < node->entry.key) {
            link = &nodes[*link].next;
        }
        node->next = *link;
        *link = index;
    }
    entry_count++;
}

static inline uint32_t take_from(struct day *day)
{
    uint32_t index = day->first;
    day->first = nodes[index].next;
    reached = time_of(nodes[index].entry);
    entry_count--;
    return index;
}

static uint32_t take(void)
{
    for (size_t passed = 0; passed <= day_count; passed++) {
        uint32_t first = days[today].first;
        if (first != 0 && day_number(time_of(nodes[first].entry)) <= today_number) {
            return take_from(&days[today]);
        }
        today = (today + 1) & (day_count - 1);
        today_number++;
    }
    /* Nothing in a year: go to the first of all. */
    size_t best = day_count;
    for (size_t day = 0; day < day_count; day++) {
        uint32_t first = days[day].first;
        if (first != 0 &&
            (best == day_count || nodes[first].entry.key < nodes[days[best].first].entry.key)) {
            best = day;
        }
    }
    today = best;
    uint32_t index = take_from(&days[best]);
    today_number = day_number(reached);
    return index;
}

#define SAMPLES 64

/* Three mean gaps between the next entries, those apart that are more than twice the mean. */
static void measure_days(const uint32_t *sample, size_t count)
{
    double sum = 0;
    size_t gaps = 0;
    double first = time_of(nodes[sample[0]].entry);
    double mean = (time_of(nodes[sample[count - 1]].entry) - first) / (double)(count - 1);
    for (size_t i = 1; i < count; i++) {
        double gap = time_of(nodes[sample[i]].entry) - time_of(nodes[sample[i - 1]].entry);
        sum += gap <= 2 * mean ? gap : 0;
        gaps += gap <= 2 * mean;
    }
    if (sum > 0) {
        days_per_time = (double)gaps / (3 * sum);
    }
}

static void resize(size_t count)
{
    uint32_t sample[SAMPLES];
    size_t samples = entry_count < SAMPLES ? entry_count : SAMPLES;
    double before = reached;
    for (size_t i = 0; i < samples; i++) {
        sample[i] = take();
    }
    reached = before;
    if (samples > 1) {
        measure_days(sample, samples);
    }
    struct day *old = days;
    size_t old_count = day_count;
    days = calloc(count, sizeof *days);
    day_count = count;
    entry_count = 0;
    for (size_t i = 0; i < samples; i++) {
        insert(sample[i]);
    }
    for (size_t day = 0; day < old_count; day++) {
        for (uint32_t index = old[day].first; index != 0;) {
            uint32_t next = nodes[index].next;
            insert(index);
            index = next;
        }
    }
    free(old);
    today_number = day_number(reached);
    today = today_number & (day_count - 1);
}

static inline void queue_push(union entry entry)
{
    uint32_t index = nodes_free;
    if (index != 0) {
        nodes_free = nodes[index].next;
    } else {
        index = nodes_used++;
    }
    nodes[index].entry = entry;
    insert(index);
    if (entry_count > 2 * day_count) {
        resize(2 * day_count);
    }
}

static inline union entry queue_pop(void)
{
    uint32_t index = take();
    nodes[index].next = nodes_free;
    nodes_free = index;
    return nodes[index].entry;
}

#endif

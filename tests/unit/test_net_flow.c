/*
 * The records on their way through a channel: where a record ends, and in which call a buffer is
 * used up (rules DES).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/flow.h"
#include "sim/random.h"

static void push(struct net_flow *flow, int32_t key, uint32_t bytes)
{
    struct net_record record = {.emitted = 10 * key, .key = key, .bytes = bytes};
    net_flow_push(flow, &record);
}

/* The call gives this record and leaves so many bytes of the buffer. */
static void expect_record(struct net_flow *flow, uint32_t *left, int32_t key, uint32_t rest)
{
    struct net_record record = {0};
    assert_true(net_flow_read(flow, left, &record));
    assert_int_equal(record.key, key);
    assert_int_equal(record.emitted, 10 * key);
    assert_int_equal(*left, rest);
}

static void expect_used_up(struct net_flow *flow, uint32_t *left)
{
    struct net_record record = {0};
    assert_false(net_flow_read(flow, left, &record));
    assert_int_equal(*left, 0);
}

/* An empty flow with a store of its own. */
static void start(struct net_flow *flow)
{
    struct sim_arena *arena = sim_arena_create();
    struct net_flow_store *store = sim_arena_alloc(arena, 1, sizeof *store);
    store->arena = arena;
    *flow = (struct net_flow){.store = store};
}

static void finish(struct net_flow *flow)
{
    sim_arena_destroy(flow->store->arena);
}

/* DES-2 */
static void test_records_that_lie_in_the_buffer_come_one_by_one(void **state)
{
    struct net_flow flow;
    start(&flow);
    for (int32_t i = 0; i < 3; i++) {
        push(&flow, i, 100);
    }
    uint32_t left = 300;
    expect_record(&flow, &left, 0, 200);
    expect_record(&flow, &left, 1, 100);
    expect_record(&flow, &left, 2, 0);
    finish(&flow);
}

/* DES-4: the buffer is used up in the call that gives its last record, before it is processed. */
static void test_record_that_ends_with_the_buffer_uses_it_up(void **state)
{
    struct net_flow flow;
    start(&flow);
    push(&flow, 1, 100);
    push(&flow, 2, 100);
    uint32_t left = 100;
    expect_record(&flow, &left, 1, 0);
    assert_int_equal(flow.gathered, 0);
    assert_int_equal(flow.count, 1);
    finish(&flow);
}

/* DES-4, DES-2: what is left of the next record is taken in the next call, and not before. */
static void test_partial_record_is_gathered_in_a_call_of_its_own(void **state)
{
    struct net_flow flow;
    start(&flow);
    push(&flow, 1, 100);
    push(&flow, 2, 100);
    uint32_t left = 130;
    expect_record(&flow, &left, 1, 30);
    assert_int_equal(flow.gathered, 0);
    expect_used_up(&flow, &left);
    assert_int_equal(flow.gathered, 30);
    finish(&flow);
}

/* DES-1, DES-3 */
static void test_new_buffer_first_completes_the_record_that_was_begun(void **state)
{
    struct net_flow flow;
    start(&flow);
    push(&flow, 1, 250);
    push(&flow, 2, 50);
    push(&flow, 3, 50);
    uint32_t left = 100;
    expect_used_up(&flow, &left);
    left = 100;
    expect_used_up(&flow, &left);
    assert_int_equal(flow.gathered, 200);
    left = 120;
    expect_record(&flow, &left, 1, 70);
    assert_int_equal(flow.gathered, 0);
    expect_record(&flow, &left, 2, 20);
    expect_used_up(&flow, &left);
    left = 30;
    expect_record(&flow, &left, 3, 0);
    finish(&flow);
}

/* DES-2 (2): a length that is split, too. */
static void test_length_can_be_split(void **state)
{
    struct net_flow flow;
    start(&flow);
    push(&flow, 1, 20);
    push(&flow, 2, 20);
    uint32_t left = 23;
    expect_record(&flow, &left, 1, 3);
    expect_used_up(&flow, &left);
    assert_int_equal(flow.gathered, 3);
    left = 17;
    expect_record(&flow, &left, 2, 0);
    finish(&flow);
}

/* DES-1: each channel gathers for itself. */
static void test_channels_do_not_share_what_they_gathered(void **state)
{
    struct net_flow a;
    struct net_flow b;
    start(&a);
    start(&b);
    push(&a, 1, 100);
    push(&b, 2, 100);
    uint32_t left = 60;
    expect_used_up(&a, &left);
    left = 50;
    expect_used_up(&b, &left);
    left = 40;
    expect_record(&a, &left, 1, 0);
    left = 50;
    expect_record(&b, &left, 2, 0);
    finish(&a);
    finish(&b);
}

static size_t free_chunks(const struct net_flow *flow)
{
    size_t count = 0;
    for (const struct net_flow_chunk *chunk = flow->store->free; chunk != NULL;
         chunk = chunk->next) {
        count++;
    }
    for (const struct net_flow_chunk *chunk = flow->store->free_small; chunk != NULL;
         chunk = chunk->next) {
        count++;
    }
    return count;
}

/* Many records of changing keys and sizes, some read in between: all come out as they went in, and
 * an empty flow keeps no chunk. */
static void test_records_come_out_as_they_went_in_over_many_chunks(void **state)
{
    struct net_flow flow;
    start(&flow);
    int32_t written = 0;
    int32_t read = 0;
    for (int32_t round = 1; round <= 20; round++) {
        for (int32_t i = 0; i < 10 * round; i++, written++) {
            push(&flow, written, written % 5 == 0 ? 70 : 50);
        }
        for (int32_t i = 0; i < 9 * round; i++, read++) {
            uint32_t left = 100;
            expect_record(&flow, &left, read, read % 5 == 0 ? 30 : 50);
        }
        assert_int_equal(flow.count, written - read);
    }
    for (; read < written; read++) {
        uint32_t left = 100;
        expect_record(&flow, &left, read, read % 5 == 0 ? 30 : 50);
    }
    assert_int_equal(flow.bytes, 0);
    size_t chunks = free_chunks(&flow);
    assert_true(chunks > 10);
    for (uint32_t i = 0; i <= NET_FLOW_SMALL_WORDS; i++) {
        push(&flow, 1, 10);
    }
    assert_int_equal(free_chunks(&flow), chunks - 2);
    for (uint32_t i = 0; i <= NET_FLOW_SMALL_WORDS; i++) {
        uint32_t left = 10;
        expect_record(&flow, &left, 1, 0);
    }
    assert_int_equal(free_chunks(&flow), chunks);
    finish(&flow);
}

/* A record alone takes no chunk, whatever its key, size and time; it moves to one when another
 * comes, or when it is read. */
static void test_record_alone_takes_no_chunk(void **state)
{
    struct net_flow flow;
    start(&flow);
    for (int32_t i = 0; i < 3; i++) {
        push(&flow, i, 10 + (uint32_t)i);
        assert_true(flow.is_alone);
        assert_null(flow.head);
        assert_int_equal(flow.specials, 0);
        uint32_t left = 5;
        expect_used_up(&flow, &left);
        left = 5 + (uint32_t)i;
        expect_record(&flow, &left, i, 0);
        assert_int_equal(free_chunks(&flow), 1);
    }
    push(&flow, 3, 10);
    push(&flow, 4, 20);
    assert_false(flow.is_alone);
    assert_int_equal(free_chunks(&flow), 0);
    uint32_t left = 30;
    expect_record(&flow, &left, 3, 20);
    expect_record(&flow, &left, 4, 0);
    finish(&flow);
}

/* Appended as one of many it is alone, too: a task that deals records out to many channels at once
 * has one for each. */
static void test_record_alone_may_come_as_many(void **state)
{
    struct net_flow flow;
    struct net_record record = {.bytes = 10, .key = 4};
    sim_time times[] = {70, 5, 71, 5, 72};
    start(&flow);
    net_flow_push_all(&flow, &record, times, 2, 1);
    assert_true(flow.is_alone);
    assert_null(flow.head);
    net_flow_push_all(&flow, &record, times + 2, 2, 2);
    assert_false(flow.is_alone);
    sim_time read[3];
    assert_true(net_flow_is_even(&flow));
    assert_int_equal(net_flow_read_all(&flow, read, 3), 30);
    assert_int_equal(read[0], 70);
    assert_int_equal(read[1], 71);
    assert_int_equal(read[2], 72);
    net_flow_push_all(&flow, &record, times, 2, 1);
    assert_int_equal(net_flow_read_all(&flow, read, 1), 10);
    assert_int_equal(read[0], 70);
    assert_null(flow.head);
    finish(&flow);
}

/* Another record, of whatever key, size and time, may come when the first one is partly read. */
static void test_record_comes_while_one_alone_is_partly_read(void **state)
{
    static const struct net_record others[] = {
        {.emitted = 70, .key = 7, .bytes = 50},
        {.emitted = 70, .key = 8, .bytes = 51},
        {.emitted = (sim_time)1 << 62, .key = 7, .bytes = 50},
        {.emitted = 0, .key = 8, .bytes = INT32_MAX},
    };
    struct net_flow flow;
    start(&flow);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        push(&flow, 7, 50);
        uint32_t left = 20;
        expect_used_up(&flow, &left);
        net_flow_push(&flow, &others[i]);
        assert_int_equal(flow.gathered, 20);
        assert_int_equal(flow.bytes, 30 + others[i].bytes);
        struct net_flow_cursor cursor;
        struct net_record record = {0};
        net_flow_look(&cursor, &flow, UINT32_MAX);
        assert_true(net_flow_look_on(&cursor, &record));
        assert_int_equal(record.emitted, 70);
        assert_true(net_flow_look_on(&cursor, &record));
        assert_int_equal(record.emitted, others[i].emitted);
        left = 30 + others[i].bytes;
        expect_record(&flow, &left, 7, others[i].bytes);
        assert_true(net_flow_read(&flow, &left, &record));
        assert_memory_equal(&record, &others[i], sizeof record);
        assert_int_equal(left, 0);
        assert_null(flow.head);
        assert_int_equal(flow.specials, 0);
    }
    finish(&flow);
}

/* The first chunk of a flow is small, the next one is large. */
static void test_first_chunk_is_small(void **state)
{
    struct net_flow flow;
    start(&flow);
    for (uint32_t i = 0; i <= NET_FLOW_SMALL_WORDS; i++) {
        push(&flow, 1, 10);
    }
    assert_ptr_not_equal(flow.head, flow.tail);
    for (uint32_t i = 0; i < NET_FLOW_SMALL_WORDS; i++) {
        uint32_t left = 10;
        expect_record(&flow, &left, 1, 0);
    }
    assert_true(flow.has_small_head);
    assert_int_equal(net_flow_size(&flow), 10);
    assert_false(flow.has_small_head);
    assert_ptr_equal(flow.head, flow.tail);
    finish(&flow);
}

/* Looking ahead leaves it where it is. */
static void test_look_ahead_sees_a_record_alone(void **state)
{
    struct net_flow flow;
    start(&flow);
    push(&flow, 7, 50);
    struct net_flow_cursor cursor;
    struct net_record record = {0};
    net_flow_look(&cursor, &flow, 50);
    assert_false(net_flow_look_on(&cursor, &record));
    net_flow_look(&cursor, &flow, 51);
    assert_true(net_flow_look_on(&cursor, &record));
    assert_int_equal(record.key, 7);
    assert_int_equal(record.emitted, 70);
    assert_int_equal(record.bytes, 50);
    assert_true(flow.is_alone);
    finish(&flow);
}

/* Records of one size and key take a word each. */
static void test_even_records_take_a_word_each(void **state)
{
    struct net_flow flow;
    start(&flow);
    for (uint32_t i = 0; i < NET_FLOW_SMALL_WORDS; i++) {
        push(&flow, 3, 10);
    }
    assert_ptr_equal(flow.head, flow.tail);
    push(&flow, 3, 10);
    assert_ptr_equal(flow.head->next, flow.tail);
    finish(&flow);
}

/* A look ahead sees what reading will give, up to the record that uses the buffer up or does not
 * end in it, and changes nothing. */
static void test_look_ahead_sees_the_records_that_lie_in_the_buffer(void **state)
{
    struct net_flow flow;
    start(&flow);
    for (int32_t i = 0; i < 100; i++) {
        push(&flow, i, 50);
    }
    uint32_t left = 70;
    expect_record(&flow, &left, 0, 20);
    expect_used_up(&flow, &left);
    for (uint32_t buffer = 30; buffer <= 4000; buffer += 10) {
        struct net_flow_cursor cursor;
        struct net_record record = {0};
        net_flow_look(&cursor, &flow, buffer);
        int32_t seen = 0;
        while (net_flow_look_on(&cursor, &record)) {
            seen++;
            assert_int_equal(record.key, seen);
            assert_int_equal(record.emitted, 10 * seen);
            assert_int_equal(record.bytes, 50);
        }
        assert_int_equal(seen, buffer == 30 ? 0 : (buffer - 31) / 50 + 1);
    }
    left = 30;
    expect_record(&flow, &left, 1, 0);
    finish(&flow);
}

static uint32_t chunks_of(const struct net_flow *flow)
{
    uint32_t count = flow->head != NULL;
    for (const struct net_flow_chunk *chunk = flow->head; count > 0 && chunk != flow->tail;
         chunk = chunk->next) {
        count++;
    }
    return count;
}

/* Ten thousand records at even distances take three chunks: the one that is read, one of runs, the
 * last one. */
static void test_even_arrivals_take_no_more_memory(void **state)
{
    struct net_flow flow;
    start(&flow);
    for (int64_t i = 0; i < 10000; i++) {
        struct net_record record = {.emitted = 1000 + 7 * i, .bytes = 10};
        net_flow_push(&flow, &record);
        assert_true(chunks_of(&flow) <= 3);
    }
    for (int64_t i = 0; i < 10000; i++) {
        struct net_record record = {0};
        uint32_t left = 10;
        assert_true(net_flow_read(&flow, &left, &record));
        assert_int_equal(record.emitted, 1000 + 7 * i);
        assert_true(chunks_of(&flow) <= 3);
    }
    assert_null(flow.head);
    finish(&flow);
}

/* More runs than go into a chunk, each at distances of its own. */
static void test_runs_that_find_no_room_take_another_chunk(void **state)
{
    struct net_flow flow;
    sim_time times[20 * NET_FLOW_WORDS];
    const uint32_t count = sizeof times / sizeof *times;
    start(&flow);
    for (uint32_t i = 0; i < count; i++) {
        /* after the small chunk, every chunk is a run */
        times[i] = i == 0 ? 0 : times[i - 1] + 1 + (i - NET_FLOW_SMALL_WORDS) / NET_FLOW_WORDS % 31;
        struct net_record record = {.emitted = times[i], .bytes = 10};
        net_flow_push(&flow, &record);
    }
    assert_int_equal(chunks_of(&flow), 5); /* 12 words, 7 runs, 7, 5, and what is left */
    for (uint32_t i = 0; i < count; i++) {
        struct net_record record = {0};
        uint32_t left = 10;
        assert_true(net_flow_read(&flow, &left, &record));
        assert_int_equal(record.emitted, times[i]);
    }
    assert_null(flow.head);
    finish(&flow);
}

#define MANY 20000

static void draw_times(struct sim_stream *draw, sim_time *times)
{
    sim_time gap = 5;
    for (uint32_t i = 0; i < MANY; i++) {
        uint64_t turn = sim_stream_below(draw, 60);
        gap = turn == 0 ? (sim_time)sim_stream_below(draw, 1000) : gap;
        sim_time odd = turn == 1 ? (sim_time)sim_stream_below(draw, 50) : 0;
        times[i] = i == 0 ? 100 : times[i - 1] + gap + odd;
    }
}

/* Runs of all lengths, a size that changes now and then, reading and looking ahead anywhere. */
static void test_runs_come_out_as_they_went_in(void **state)
{
    static sim_time times[MANY];
    struct net_flow flow;
    struct sim_stream draw;
    sim_stream_init_seed(&draw, 11);
    start(&flow);
    draw_times(&draw, times);
    for (uint32_t written = 0, read = 0; read < MANY;) {
        for (uint64_t i = sim_stream_below(&draw, 300); i > 0 && written < MANY; i--, written++) {
            struct net_record record = {.emitted = times[written],
                                        .bytes = written % 3000 < 10 ? 20 : 10};
            net_flow_push(&flow, &record);
        }
        struct net_flow_cursor cursor;
        struct net_record record = {0};
        net_flow_look(&cursor, &flow, UINT32_MAX);
        for (uint32_t i = read; i < written; i++) {
            assert_true(net_flow_look_on(&cursor, &record));
            assert_int_equal(record.emitted, times[i]);
        }
        for (uint64_t i = sim_stream_below(&draw, 300); i > 0 && read < written; i--, read++) {
            uint32_t left = 20;
            assert_true(net_flow_read(&flow, &left, &record));
            assert_int_equal(record.emitted, times[read]);
            assert_int_equal(record.bytes, read % 3000 < 10 ? 20 : 10);
        }
    }
    assert_int_equal(flow.count, 0);
    finish(&flow);
}

#define WALK 30000

/* Mostly a little later than the one before; now and then far from it, either way, or at the end of
 * what can be told. */
static sim_time draw_time(struct sim_stream *draw, sim_time before)
{
    static const sim_time far[] = {0, (sim_time)1 << 30, ((sim_time)1 << 62) - 1, (sim_time)1 << 62,
                                   SIM_TIME_MAX};
    uint64_t turn = sim_stream_below(draw, 50);
    if (turn == 0) {
        return far[sim_stream_below(draw, 5)];
    }
    if (turn < 3) {
        sim_time away = (sim_time)sim_stream_below(draw, UINT64_C(5) << 30);
        return turn == 1 && before > away ? before - away : before / 2 + away;
    }
    uint64_t step = sim_stream_below(draw, 4) == 0 ? sim_stream_below(draw, 100) : 7;
    return before < SIM_TIME_MAX - (sim_time)step ? before + (sim_time)step : 0;
}

static void draw_records(struct sim_stream *draw, struct net_record *records)
{
    static const uint32_t sizes[] = {0, 10, 1u << 30, INT32_MAX};
    uint64_t unrest = 1; /* long stretches of one key and size, and short ones */
    for (uint32_t i = 0; i < WALK; i++) {
        if (i % 500 == 0) {
            unrest = 1 + sim_stream_below(draw, 3) * 200;
        }
        records[i] = i > 0 ? records[i - 1] : (struct net_record){.bytes = 0};
        records[i].emitted = draw_time(draw, records[i].emitted);
        if (sim_stream_below(draw, unrest) == 0) {
            records[i].key = (int32_t)(sim_stream_below(draw, 3) * (INT32_MAX / 2));
            records[i].bytes = sizes[sim_stream_below(draw, 4)];
        }
    }
}

static void expect_same(const struct net_record *got, const struct net_record *wanted)
{
    assert_int_equal(got->emitted, wanted->emitted);
    assert_int_equal(got->key, wanted->key);
    assert_int_equal(got->bytes, wanted->bytes);
}

static void look_at_all(const struct net_flow *flow, const struct net_record *records)
{
    struct net_flow_cursor cursor;
    struct net_record record;
    net_flow_look(&cursor, flow, UINT32_MAX);
    for (uint32_t i = 0; i < flow->count; i++) {
        cursor.left = UINT32_MAX;
        assert_true(net_flow_look_on(&cursor, &record));
        expect_same(&record, &records[i]);
    }
}

/* A walk beside a plain array: flows that run empty and long ones, records by ones and by many,
 * both sizes of chunks, runs, times that take a word and times that take two. */
static void test_whatever_goes_in_comes_out(void **state)
{
    static struct net_record records[WALK];
    struct net_flow flow;
    struct sim_stream draw;
    sim_stream_init_seed(&draw, 5);
    draw_records(&draw, records);
    start(&flow);
    uint32_t written = 0;
    uint32_t read = 0;
    while (read < WALK) {
        uint64_t most = 1 + sim_stream_below(&draw, 5) * 40;
        for (uint64_t i = sim_stream_below(&draw, most + 1); i > 0 && written < WALK; i--) {
            net_flow_push(&flow, &records[written++]);
        }
        look_at_all(&flow, &records[read]);
        for (uint64_t i = sim_stream_below(&draw, most + 1); i > 0 && read < written; i--) {
            struct net_record record;
            uint32_t left = net_flow_size(&flow);
            assert_int_equal(left, records[read].bytes);
            assert_true(net_flow_read(&flow, &left, &record));
            expect_same(&record, &records[read++]);
        }
        assert_int_equal(flow.count, written - read);
    }
    assert_int_equal(flow.bytes, 0);
    assert_int_equal(flow.specials, 0);
    assert_null(flow.head);
    finish(&flow);
}

/* What a word holds from the origin of a chunk on, and one more, both ways. */
static void test_times_at_the_ends_of_a_word(void **state)
{
    static const int64_t away[] = {-INT64_C(0x40000001), -0x40000000,        -1, 0, 1, 0x3ffffffe,
                                   0x3fffffff,           INT64_C(0x40000000)};
    const sim_time origin = INT64_C(1) << 40;
    for (uint32_t i = 0; i < 8; i++) {
        struct net_flow flow;
        start(&flow);
        struct net_record record = {.emitted = origin, .bytes = 10};
        net_flow_push(&flow, &record);
        record.emitted = origin + away[i];
        net_flow_push(&flow, &record);
        assert_int_equal(flow.specials, i == 0 || i >= 6);
        look_at_all(&flow, (struct net_record[]){{.emitted = origin, .bytes = 10}, record});
        uint32_t left = 20;
        struct net_record got;
        assert_true(net_flow_read(&flow, &left, &got));
        assert_int_equal(got.emitted, origin);
        assert_true(net_flow_read(&flow, &left, &got));
        assert_int_equal(got.emitted, record.emitted);
        finish(&flow);
    }
}

/* Appended in one go, times that do not fit into a word are found all the same. */
static void test_many_at_once_may_lie_far_apart(void **state)
{
    struct net_flow flow;
    struct sim_stream draw;
    sim_time times[300] = {0};
    struct net_record record = {.bytes = 10, .key = 4};
    start(&flow);
    sim_stream_init_seed(&draw, 7);
    for (uint32_t round = 0; round < 200; round++) {
        for (uint32_t i = 0; i < 300; i++) {
            times[i] = draw_time(&draw, i > 0 ? times[i - 1] : 1000);
        }
        uint32_t step = 1 + round % 3;
        net_flow_push_all(&flow, &record, times, step, 300 / step);
        for (uint32_t i = 0; i < 300 / step; i++) {
            struct net_record got;
            uint32_t left = 10;
            assert_true(net_flow_read(&flow, &left, &got));
            assert_int_equal(got.emitted, times[i * step]);
        }
        assert_int_equal(flow.specials, 0);
        assert_null(flow.head);
    }
    finish(&flow);
}

/* Records whose times take a word are read in one go, from runs as well. */
static void test_runs_are_read_in_one_go(void **state)
{
    struct net_flow flow;
    sim_time times[1000];
    sim_time read[1000];
    struct net_record record = {.bytes = 10, .key = 4};
    start(&flow);
    for (int64_t i = 0; i < 1000; i++) {
        times[i] = i < 700 ? 5 * i : 5 * i + i * i;
    }
    net_flow_push_all(&flow, &record, times, 1, 1000);
    assert_true(net_flow_is_even(&flow));
    for (uint32_t at = 0, count = 1; at < 1000; at += count, count = count % 60 + 1) {
        count = count < 1000 - at ? count : 1000 - at;
        assert_int_equal(net_flow_read_all(&flow, read + at, count), 10 * count);
    }
    assert_memory_equal(read, times, sizeof times);
    assert_null(flow.head);
    finish(&flow);
}

/* Many at once are the same as one by one. */
static void test_many_at_once(void **state)
{
    struct net_flow flow;
    sim_time times[200];
    sim_time read[200];
    start(&flow);
    for (int64_t i = 0; i < 200; i++) {
        times[i] = i * i;
    }
    struct net_record record = {.bytes = 10, .key = 4};
    net_flow_push_all(&flow, &record, times, 2, 100);
    assert_int_equal(flow.bytes, 1000);
    uint32_t left = 25;
    assert_int_equal(net_flow_size(&flow), 10);
    assert_true(net_flow_is_even(&flow));
    assert_int_equal(net_flow_even_count(&flow, 1), 0);
    assert_int_equal(net_flow_even_count(&flow, 10), 0);
    assert_int_equal(net_flow_even_count(&flow, 11), 1);
    assert_int_equal(net_flow_even_count(&flow, 1000), 99);
    assert_int_equal(net_flow_read_all(&flow, read, 2), 20);
    left = 5;
    assert_false(net_flow_read(&flow, &left, &record));
    assert_int_equal(net_flow_even_count(&flow, 6), 1);
    assert_int_equal(net_flow_read_all(&flow, read + 2, 98), 975);
    for (int64_t i = 0; i < 100; i++) {
        assert_int_equal(read[i], 4 * i * i);
    }
    assert_int_equal(flow.bytes, 0);
    assert_null(flow.head);
    finish(&flow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records_that_lie_in_the_buffer_come_one_by_one),
        cmocka_unit_test(test_record_that_ends_with_the_buffer_uses_it_up),
        cmocka_unit_test(test_partial_record_is_gathered_in_a_call_of_its_own),
        cmocka_unit_test(test_new_buffer_first_completes_the_record_that_was_begun),
        cmocka_unit_test(test_length_can_be_split),
        cmocka_unit_test(test_channels_do_not_share_what_they_gathered),
        cmocka_unit_test(test_records_come_out_as_they_went_in_over_many_chunks),
        cmocka_unit_test(test_record_alone_takes_no_chunk),
        cmocka_unit_test(test_record_alone_may_come_as_many),
        cmocka_unit_test(test_record_comes_while_one_alone_is_partly_read),
        cmocka_unit_test(test_first_chunk_is_small),
        cmocka_unit_test(test_look_ahead_sees_a_record_alone),
        cmocka_unit_test(test_even_records_take_a_word_each),
        cmocka_unit_test(test_even_arrivals_take_no_more_memory),
        cmocka_unit_test(test_runs_that_find_no_room_take_another_chunk),
        cmocka_unit_test(test_runs_come_out_as_they_went_in),
        cmocka_unit_test(test_whatever_goes_in_comes_out),
        cmocka_unit_test(test_times_at_the_ends_of_a_word),
        cmocka_unit_test(test_many_at_once_may_lie_far_apart),
        cmocka_unit_test(test_runs_are_read_in_one_go),
        cmocka_unit_test(test_many_at_once),
        cmocka_unit_test(test_look_ahead_sees_the_records_that_lie_in_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Memory of a run, and the growing string.
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/arena.h"
#include "sim/text.h"

static void assert_zeroed(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(bytes[i], 0);
    }
}

static void test_pieces_are_zeroed_aligned_and_apart(void **state)
{
    struct sim_arena *arena = sim_arena_create();
    static const size_t sizes[] = {1, 7, 16, 100, 20000, 70000, 3, 1000000, 5};
    unsigned char *pieces[200];
    for (size_t i = 0; i < 200; i++) {
        size_t size = sizes[i % 9];
        pieces[i] =
            i % 3 == 0 ? sim_arena_alloc_aligned(arena, 1, size) : sim_arena_alloc(arena, size, 1);
        assert_int_equal((uintptr_t)pieces[i] % (i % 3 == 0 ? 64 : 16), 0);
        assert_zeroed(pieces[i], size);
        memset(pieces[i], (int)i + 1, size);
    }
    for (size_t i = 0; i < 200; i++) {
        assert_int_equal(pieces[i][0], (unsigned char)(i + 1));
        assert_int_equal(pieces[i][sizes[i % 9] - 1], (unsigned char)(i + 1));
    }
    sim_arena_destroy(arena);
}

static void test_large_piece_leaves_the_small_block_in_use(void **state)
{
    struct sim_arena *arena = sim_arena_create();
    sim_arena_alloc(arena, 1, 16);
    size_t before = sim_arena_bytes(arena);
    sim_arena_alloc(arena, 1, 1000000);
    size_t after = sim_arena_bytes(arena);
    assert_true(after >= before + 1000000 && after < before + 1001000);
    sim_arena_alloc(arena, 1, 200);
    assert_int_equal(sim_arena_bytes(arena), after);
    sim_arena_destroy(arena);
}

static void test_empty_pieces_and_destroying_nothing_are_fine(void **state)
{
    struct sim_arena *arena = sim_arena_create();
    assert_non_null(sim_arena_alloc(arena, 0, 8));
    assert_non_null(sim_arena_alloc(arena, 8, 0));
    sim_arena_destroy(arena);
    sim_arena_destroy(NULL);
}

/* A number in a file of the kernel's; 0 where there is none. */
static long kernel_number(const char *path, const char *name)
{
    char line[256];
    long number = 0;
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0) {
            number = strtol(line + strlen(name), NULL, 10);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return number;
}

/* Where the heap is glibc's: it has room for what is expected, and none of that is taken. */
static void test_heap_grows_by_what_is_expected(void **state)
{
    (void)state;
    const size_t bytes = (size_t)160 * 1024 * 1024;
    size_t taken = mallinfo2().uordblks;
    void *probe = sim_alloc(1, 1000);
    bool is_glibc = mallinfo2().uordblks > taken;
    free(probe);
    size_t heap = mallinfo2().arena;
    sim_expect_alloc(1000);
    assert_int_equal(mallinfo2().arena, heap);
    sim_expect_alloc(bytes);
    if (is_glibc) {
        assert_true(mallinfo2().arena >= heap + bytes - bytes / 16);
        assert_true(mallinfo2().uordblks < taken + 65536);
    }
    size_t grown = mallinfo2().arena;
    unsigned char *pieces[100];
    for (size_t i = 0; i < 100; i++) {
        pieces[i] = sim_alloc(1024, 1024);
        assert_zeroed(pieces[i], 1024 * 1024);
        memset(pieces[i], 0xff, 1024 * 1024);
    }
    assert_int_equal(mallinfo2().arena, grown);
    for (size_t i = 0; i < 100; i++) {
        free(pieces[i]);
    }
    const size_t more = (size_t)3 * 1024 * 1024 * 1024; /* beyond what an int can say */
    long resident = kernel_number("/proc/self/status", "VmRSS:");
    sim_expect_alloc(more);
    assert_true(!is_glibc || mallinfo2().arena >= heap + more - more / 16);
    assert_in_range(kernel_number("/proc/self/status", "VmRSS:"), 0, resident + 32768);
}

static long faults_so_far(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

enum { FEW_FAULTS, MANY_FAULTS, NOT_TO_TELL };

/* Take what was expected of the heap, and say how often the system had to come. */
static int take_expected_heap(void)
{
    enum { COUNT = 160, PIECE = 1024 * 1024 };
    unsigned char *pieces[COUNT];
    size_t taken = mallinfo2().uordblks;
    pieces[0] = sim_alloc(1, 1000);
    bool is_glibc = mallinfo2().uordblks > taken;
    long made = kernel_number("/proc/vmstat", "thp_fault_alloc ");
    long missed = kernel_number("/proc/vmstat", "thp_fault_fallback ");
    sim_expect_alloc((size_t)COUNT * (PIECE + 64));
    long faults = faults_so_far();
    for (size_t i = 0; i < COUNT; i++) {
        pieces[i] = sim_alloc(1, PIECE);
        memset(pieces[i], 0xff, PIECE);
    }
    faults = faults_so_far() - faults;
    bool is_there = kernel_number("/proc/vmstat", "thp_fault_alloc ") > made &&
                    kernel_number("/proc/vmstat", "thp_fault_fallback ") == missed;
    if (!is_glibc || !is_there) {
        return NOT_TO_TELL;
    }
    return faults < COUNT * (PIECE / 4096) / 16 ? FEW_FAULTS : MANY_FAULTS;
}

/* Where huge pages are at hand, what is taken of an expected heap lies in them, nearly all of it:
 * a byte of it that is touched too early would keep 2 MiB around it in small ones. In a process of
 * its own, whose heap is as small as it can be. */
static void test_expected_heap_lies_in_huge_pages(void **state)
{
    (void)state;
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(take_expected_heap());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == NOT_TO_TELL) {
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), FEW_FAULTS);
}

static void test_strings_are_copied(void **state)
{
    struct sim_arena *arena = sim_arena_create();
    char text[] = "segment";
    char *copy = sim_arena_strdup(arena, text);
    char *part = sim_arena_strndup(arena, text, 3);
    char *whole = sim_arena_strndup(arena, text, 100);
    text[0] = 'X';
    assert_string_equal(copy, "segment");
    assert_string_equal(part, "seg");
    assert_string_equal(whole, "segment");
    sim_arena_destroy(arena);
}

static jmp_buf jump;
static size_t asked;

static void jump_out(size_t bytes)
{
    asked = bytes;
    longjmp(jump, 1);
}

static void test_exhausted_memory_calls_the_handler(void **state)
{
    sim_oom_handler before = sim_oom_set_handler(jump_out);
    if (setjmp(jump) == 0) {
        sim_alloc(SIZE_MAX / 4, 8);
        fail_msg("a product beyond the address space was granted");
    }
    assert_true(asked == SIZE_MAX);
    if (setjmp(jump) == 0) {
        sim_realloc(NULL, SIZE_MAX, 2);
        fail_msg("a product beyond the address space was granted");
    }
    assert_true(sim_oom_set_handler(before) == jump_out);
}

static void test_text_grows_and_is_formatted(void **state)
{
    struct sim_text text = {0};
    assert_string_equal(sim_text_get(&text), "");
    for (int i = 0; i < 1000; i++) {
        sim_text_add(&text, "%03d,", i);
    }
    assert_int_equal(text.length, 4000);
    assert_memory_equal(sim_text_get(&text) + 3996, "999,", 5);
    sim_text_clear(&text);
    assert_string_equal(sim_text_get(&text), "");
    sim_text_add_bytes(&text, "abcdef", 3);
    sim_text_add_bytes(&text, NULL, 0);
    sim_text_add(&text, "%s", "");
    assert_string_equal(sim_text_get(&text), "abc");
    sim_text_finish(&text);
    assert_string_equal(sim_text_get(&text), "");
}

static void test_text_longer_than_its_room_is_kept_whole(void **state)
{
    struct sim_text text = {0};
    char word[300];
    memset(word, 'w', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    for (size_t length = 0; length < sizeof word; length++) {
        sim_text_clear(&text);
        sim_text_add(&text, "%.*s", (int)length, word);
        assert_int_equal(text.length, length);
        assert_int_equal(strlen(sim_text_get(&text)), length);
    }
    sim_text_finish(&text);
}

static const char *nearest(const char *word)
{
    static const char *const keys[] = {"parallelism", "rate",
                                       "record-size", "service",
                                       "seed",        "taskmanager.network.memory.max",
                                       "to",          "taskmanager.network.memory.min"};
    int index = sim_text_nearest(word, keys, sizeof keys / sizeof keys[0]);
    return index < 0 ? "-" : keys[index];
}

static void test_nearest_finds_the_spelling_that_was_meant(void **state)
{
    assert_string_equal(nearest("paralelism"), "parallelism");
    assert_string_equal(nearest("PARALLELISM"), "parallelism");
    assert_string_equal(nearest("raet"), "rate");
    assert_string_equal(nearest("recordsize"), "record-size");
    assert_string_equal(nearest("taskmanager.network.max"), "taskmanager.network.memory.max");
    assert_string_equal(nearest("seed"), "seed");
}

static void test_nearest_leaves_strange_words_alone(void **state)
{
    assert_string_equal(nearest("checkpointing"), "-");
    assert_string_equal(nearest("x"), "-");
    assert_string_equal(nearest(""), "-");
    char word[5000];
    memset(word, 's', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    assert_string_equal(nearest(word), "-");
    assert_int_equal(sim_text_nearest("a", NULL, 0), -1);
}

static void test_exchanged_letters_count_once(void **state)
{
    static const char *const keys[] = {"axcd", "bacd"};
    /* "abcd" is one exchange from "bacd" and one letter from "axcd": the first of the two. */
    assert_int_equal(sim_text_nearest("abcd", keys, 2), 0);
    static const char *const others[] = {"axyd", "bacd"};
    assert_int_equal(sim_text_nearest("abcd", others, 2), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_are_zeroed_aligned_and_apart),
        cmocka_unit_test(test_large_piece_leaves_the_small_block_in_use),
        cmocka_unit_test(test_empty_pieces_and_destroying_nothing_are_fine),
        cmocka_unit_test(test_expected_heap_lies_in_huge_pages),
        cmocka_unit_test(test_heap_grows_by_what_is_expected),
        cmocka_unit_test(test_strings_are_copied),
        cmocka_unit_test(test_exhausted_memory_calls_the_handler),
        cmocka_unit_test(test_text_grows_and_is_formatted),
        cmocka_unit_test(test_text_longer_than_its_room_is_kept_whole),
        cmocka_unit_test(test_nearest_finds_the_spelling_that_was_meant),
        cmocka_unit_test(test_nearest_leaves_strange_words_alone),
        cmocka_unit_test(test_exchanged_letters_count_once),
    };
    mallopt(M_PERTURB, 0); /* meson has glibc fill what it hands out, which takes all of it */
    return cmocka_run_group_tests_name("sim_arena", tests, NULL, NULL);
}

/* The one module that needs a disk: everything happens in a folder of its own under /tmp. */
#define _XOPEN_SOURCE 700

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "studies/folder.h"

static int enter(void **state)
{
    char *home = strdup("/tmp/sluice-test-folder-XXXXXX");

    *state = home;
    return mkdtemp(home) != NULL && chdir(home) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    char command[256];
    int status;

    snprintf(command, sizeof command, "rm -rf '%s'", (char *)*state);
    status = chdir("/") != 0 || system(command) != 0;
    free(*state);
    return status;
}

static int count_entries(const char *path)
{
    DIR *entries = opendir(path);
    int count = -2; /* . and .. */

    assert_non_null(entries);
    while (readdir(entries) != NULL) {
        count++;
    }
    closedir(entries);
    return count;
}

static void write_file(struct study_folder *folder, const char *name, const char *text)
{
    struct sim_err err = {0};
    FILE *file = study_folder_open(folder, name, &err);

    assert_non_null(file);
    fputs(text, file);
    assert_true(study_folder_close(folder, file, name, &err));
}

static void make_result(const char *target, const char *text)
{
    struct sim_err err = {0};
    struct study_folder *folder = study_folder_create(target, &err);

    assert_non_null(folder);
    write_file(folder, "summary.json", text);
    assert_true(study_folder_commit(folder, &err));
}

static void assert_content(const char *path, const char *text)
{
    char buffer[64] = "";
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    assert_true(fgets(buffer, sizeof buffer, file) != NULL);
    fclose(file);
    assert_string_equal(buffer, text);
}

static void touch(const char *path)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fclose(file);
}

static void test_folder_is_absent_until_it_is_committed(void **state)
{
    struct sim_err err = {0};
    struct stat status;
    struct study_folder *folder = study_folder_create("results/deep/one", &err);

    (void)state;
    assert_non_null(folder);
    write_file(folder, "summary.json", "{}");
    assert_int_not_equal(stat("results/deep/one", &status), 0);
    assert_true(study_folder_commit(folder, &err));
    assert_content("results/deep/one/summary.json", "{}");
    assert_int_equal(count_entries("results/deep"), 1);
}

static void test_discarded_folder_leaves_nothing(void **state)
{
    struct sim_err err = {0};
    struct study_folder *folder = study_folder_create("one", &err);

    (void)state;
    write_file(folder, "series.csv", "x");
    study_folder_discard(folder);
    assert_int_equal(count_entries("."), 0);
}

static void test_older_result_is_replaced_as_a_whole(void **state)
{
    (void)state;
    make_result("one", "old");
    touch("one/channels.csv");
    assert_int_equal(mkdir("one/charts", 0777), 0);
    touch("one/charts/overview.svg");
    make_result("one/", "new");
    assert_content("one/summary.json", "new");
    assert_int_equal(count_entries("one"), 1);
    assert_int_equal(count_entries("."), 1);
}

static void test_older_result_stays_when_the_new_one_is_discarded(void **state)
{
    struct sim_err err = {0};
    struct study_folder *folder;

    (void)state;
    make_result("one", "old");
    folder = study_folder_create("one", &err);
    write_file(folder, "summary.json", "new");
    study_folder_discard(folder);
    assert_content("one/summary.json", "old");
    assert_int_equal(count_entries("."), 1);
}

static void assert_refused(const char *target, const char *part)
{
    struct sim_err err = {0};

    assert_null(study_folder_create(target, &err));
    assert_int_equal(err.code, SIM_ERR_USAGE);
    if (strstr(err.text, part) == NULL) {
        fail_msg("'%s' does not say '%s'", err.text, part);
    }
}

static void test_what_is_no_result_is_not_replaced(void **state)
{
    (void)state;
    assert_int_equal(mkdir("data", 0777), 0);
    touch("data/series.csv");
    assert_refused("data", "no summary.json");
    make_result("one", "mine");
    touch("one/thesis.tex");
    assert_refused("one", "holds 'thesis.tex'");
    assert_content("one/summary.json", "mine");
    touch("file");
    assert_refused("file", "is not a folder");
    assert_refused("file/below", "is not a folder");
    assert_refused(".", "cannot be a result folder");
    assert_refused("", "empty");
}

static void test_what_appears_meanwhile_is_not_replaced(void **state)
{
    struct sim_err err = {0};
    struct study_folder *folder = study_folder_create("one", &err);

    (void)state;
    write_file(folder, "summary.json", "new");
    assert_int_equal(mkdir("one", 0777), 0);
    touch("one/thesis.tex");
    assert_false(study_folder_commit(folder, &err));
    assert_int_equal(count_entries("one"), 1);
    assert_int_equal(count_entries("."), 1);
}

static void test_empty_folder_and_link_may_be_used(void **state)
{
    struct stat status;

    (void)state;
    assert_int_equal(mkdir("empty", 0777), 0);
    assert_int_equal(symlink("empty", "link"), 0);
    make_result("link", "new");
    assert_content("empty/summary.json", "new");
    assert_int_equal(lstat("link", &status), 0);
    assert_true(S_ISLNK(status.st_mode));
}

/* Another process begins a result at "one" and waits; what it is told by closing `hold` is to die
 * without a word, as by SIGKILL. */
static pid_t begin_elsewhere(int *hold)
{
    int tell[2];
    int wait[2];
    char byte;
    pid_t child;

    assert_int_equal(pipe(tell), 0);
    assert_int_equal(pipe(wait), 0);
    child = fork();
    if (child == 0) {
        struct sim_err err = {0};
        struct study_folder *folder;

        close(wait[1]);
        folder = study_folder_create("one", &err);
        if (folder == NULL || study_folder_open(folder, "series.csv", &err) == NULL ||
            write(tell[1], "x", 1) != 1) {
            _exit(1);
        }
        _exit(read(wait[0], &byte, 1) != 0);
    }
    close(tell[1]);
    close(wait[0]);
    assert_int_equal(read(tell[0], &byte, 1), 1);
    close(tell[0]);
    *hold = wait[1];
    return child;
}

static void test_what_a_killed_process_left_is_removed(void **state)
{
    int hold;
    pid_t child = begin_elsewhere(&hold);

    (void)state;
    close(hold);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(count_entries("."), 1);
    make_result("another", "new"); /* whose name has nothing to do with it */
    assert_int_equal(count_entries("."), 2);
    make_result("one", "new");
    assert_int_equal(count_entries("."), 2);
}

static void test_what_a_living_process_works_on_is_left_alone(void **state)
{
    int hold;
    pid_t child = begin_elsewhere(&hold);

    (void)state;
    make_result("one", "new");
    assert_int_equal(count_entries("."), 2);
    close(hold);
    assert_int_equal(waitpid(child, NULL, 0), child);
    make_result("one", "newer");
    assert_int_equal(count_entries("."), 1);
}

static void test_exchange_that_was_cut_short_is_undone(void **state)
{
    struct sim_err err = {0};
    struct study_folder *folder;

    (void)state;
    make_result("one", "old");
    assert_int_equal(mkdir(".one.partial-abcdef", 0777), 0);
    assert_int_equal(mkdir(".one.partial-abcdef/new", 0777), 0);
    touch(".one.partial-abcdef/lock");
    assert_int_equal(rename("one", ".one.partial-abcdef/old"), 0);
    folder = study_folder_create("one", &err);
    assert_non_null(folder);
    study_folder_discard(folder);
    assert_content("one/summary.json", "old");
    assert_int_equal(count_entries("."), 1);
}

static void test_folder_without_a_lock_is_not_taken_for_one_that_was_left(void **state)
{
    (void)state;
    assert_int_equal(mkdir(".one.partial-abcdef", 0777), 0);
    touch(".one.partial-abcdef/thesis.tex");
    make_result("one", "new");
    assert_int_equal(count_entries(".one.partial-abcdef"), 1);
}

static void test_full_disk_is_an_error_of_the_system(void **state)
{
    struct sim_err err = {0};
    struct study_folder *folder = study_folder_create("one", &err);
    FILE *full = fopen("/dev/full", "w");

    (void)state;
    assert_non_null(full);
    fputs("text", full);
    assert_false(study_folder_close(folder, full, "series.csv", &err));
    assert_int_equal(err.code, SIM_ERR_SYSTEM);
    assert_non_null(strstr(err.text, "No space left on device"));
    study_folder_discard(folder);
}

static void test_default_folder_has_a_plain_name(void **state)
{
    char path[256];

    (void)state;
    study_folder_default(path, sizeof path, "log-analytics_2.0");
    assert_string_equal(path, "results/log-analytics_2.0");
    study_folder_default(path, sizeof path, "../a b/c");
    assert_string_equal(path, "results/-.-a-b-c");
    study_folder_default(path, sizeof path, "");
    assert_string_equal(path, "results/scenario");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_folder_is_absent_until_it_is_committed, enter, leave),
        cmocka_unit_test_setup_teardown(test_discarded_folder_leaves_nothing, enter, leave),
        cmocka_unit_test_setup_teardown(test_older_result_is_replaced_as_a_whole, enter, leave),
        cmocka_unit_test_setup_teardown(test_older_result_stays_when_the_new_one_is_discarded,
                                        enter, leave),
        cmocka_unit_test_setup_teardown(test_what_is_no_result_is_not_replaced, enter, leave),
        cmocka_unit_test_setup_teardown(test_what_appears_meanwhile_is_not_replaced, enter, leave),
        cmocka_unit_test_setup_teardown(test_empty_folder_and_link_may_be_used, enter, leave),
        cmocka_unit_test_setup_teardown(test_what_a_killed_process_left_is_removed, enter, leave),
        cmocka_unit_test_setup_teardown(test_what_a_living_process_works_on_is_left_alone, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(test_exchange_that_was_cut_short_is_undone, enter, leave),
        cmocka_unit_test_setup_teardown(
            test_folder_without_a_lock_is_not_taken_for_one_that_was_left, enter, leave),
        cmocka_unit_test_setup_teardown(test_full_disk_is_an_error_of_the_system, enter, leave),
        cmocka_unit_test(test_default_folder_has_a_plain_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

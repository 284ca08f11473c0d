/*
 * Recorded jobs: every pool of every subtask must have the required and maximum size that Flink
 * gave it, on the task manager and with the remote channels that it had; and the job that could
 * not start must be refused in the recorded words.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/demand.h"
#include "scenarios/reader/scenario.h"

#define FOLDER "tests/reference/jobs/"

struct recording {
    char name[128];
    struct scn_scenario scenario;
    struct net_demand demand;
};

static bool open_recording(struct recording *recording, const char *name)
{
    char path[512];
    struct sim_err err = {0};
    snprintf(path, sizeof path, FOLDER "%s/case.yaml", name);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return false;
    }
    fclose(file);
    snprintf(recording->name, sizeof recording->name, "%s", name);
    assert_true(scn_scenario_read_file(&recording->scenario, path, NULL));
    if (!net_demand_make(&recording->demand, &recording->scenario.spec, recording->scenario.arena,
                         &err)) {
        fail_msg("%s: %s", name, err.text);
    }
    return true;
}

static void close_recording(struct recording *recording)
{
    scn_scenario_finish(&recording->scenario);
}

static uint32_t vertex_of(const struct recording *recording, const char *name)
{
    const struct net_spec *spec = &recording->scenario.spec;
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        if (strcmp(spec->vertices[v].name, name) == 0) {
            return v;
        }
    }
    fail_msg("%s: no vertex %s", recording->name, name);
    return 0;
}

/* "required/size/max required/size/max ...": the pools of one side of a subtask, in order of the
 * edges. */
static void check_pools(const struct recording *recording, uint32_t vertex, uint32_t subtask,
                        bool is_input, const char *text)
{
    for (uint32_t i = 0; i < recording->demand.pool_count; i++) {
        const struct net_pool_demand *pool = &recording->demand.pools[i];
        if (pool->vertex != vertex || pool->subtask != subtask || pool->is_input != is_input) {
            continue;
        }
        long required, size, max;
        int used = 0;
        assert_int_equal(sscanf(text, "%ld/%ld/%ld%n", &required, &size, &max, &used), 3);
        if (pool->required != required || pool->max != max) {
            fail_msg("%s: vertex %u subtask %u has a pool of %lld to %lld, Flink of %ld to %ld",
                     recording->name, vertex, subtask, (long long)pool->required,
                     (long long)pool->max, required, max);
        }
        text += used;
    }
    assert_int_equal(strcspn(text, "0123456789"), strlen(text));
}

static void check_line(const struct recording *recording, char *line)
{
    char *cells[7];
    line[strcspn(line, "\r\n")] = '\0';
    for (int i = 0; i < 7; i++) {
        cells[i] = line;
        line += strcspn(line, ",");
        assert_true(i == 6 || *line == ',');
        *line++ = '\0';
    }
    uint32_t vertex = vertex_of(recording, cells[0]);
    uint32_t subtask = (uint32_t)strtoul(cells[1], NULL, 10);
    uint32_t remote = 0;
    uint32_t channels = 0;
    for (uint32_t i = 0; i < recording->demand.pool_count; i++) {
        const struct net_pool_demand *pool = &recording->demand.pools[i];
        if (pool->vertex == vertex && pool->subtask == subtask && pool->is_input) {
            remote += pool->remote_channels;
            channels += pool->channels;
        }
    }
    assert_int_equal(net_placement_taskmanager(&recording->demand.placement, vertex, subtask),
                     strtoul(cells[2], NULL, 10));
    assert_int_equal(remote, strtoul(cells[3], NULL, 10));
    assert_int_equal(channels - remote, strtoul(cells[4], NULL, 10));
    check_pools(recording, vertex, subtask, false, cells[5]);
    check_pools(recording, vertex, subtask, true, cells[6]);
}

static unsigned check_placement(const struct recording *recording)
{
    char path[512];
    char line[1024];
    unsigned lines = 0;
    snprintf(path, sizeof path, FOLDER "%s/placement.csv", recording->name);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return 0; /* the job did not start */
    }
    assert_true(recording->demand.starts);
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file) != NULL) {
        check_line(recording, line);
        lines++;
    }
    fclose(file);
    assert_int_equal(lines,
                     recording->demand.placement.first[recording->demand.placement.vertex_count]);
    return lines;
}

/* SIZ-2, SIZ-4, SIZ-6, SIZ-7 */
static void test_pools_are_as_large_as_in_every_recorded_job(void **state)
{
    (void)state;
    unsigned jobs = 0;
    unsigned lines = 0;
    DIR *folder = opendir(FOLDER);
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        struct recording recording;
        if (entry->d_name[0] != '.' && open_recording(&recording, entry->d_name)) {
            lines += check_placement(&recording);
            jobs++;
            close_recording(&recording);
        }
    }
    closedir(folder);
    assert_int_equal(jobs, 35);
    assert_true(lines > 100);
}

/* SIZ-1, SIZ-8, NBP-6 */
static void test_the_job_that_did_not_start_is_refused_in_flinks_words(void **state)
{
    (void)state;
    struct recording recording;
    struct sim_err err = {0};
    char line[2048];
    bool is_found = false;
    assert_true(open_recording(&recording, "insufficient-buffers"));
    assert_false(recording.demand.starts);
    net_demand_refuse(&recording.demand, &err);
    FILE *file = fopen(FOLDER "insufficient-buffers/error.txt", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        is_found = is_found || strstr(line, err.text) != NULL;
    }
    fclose(file);
    assert_true(is_found);
    close_recording(&recording);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pools_are_as_large_as_in_every_recorded_job),
        cmocka_unit_test(test_the_job_that_did_not_start_is_refused_in_flinks_words),
    };
    return cmocka_run_group_tests_name("sizing_jobs", tests, NULL, NULL);
}

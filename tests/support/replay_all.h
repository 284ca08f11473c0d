#ifndef TESTS_SUPPORT_REPLAY_ALL_H
#define TESTS_SUPPORT_REPLAY_ALL_H
/* Replaying recorded traces, file by file. Include after cmocka.h. */
#include <glob.h>
#include <stddef.h>

#include "sim/text.h"
#include "studies/replay.h"

/* Replay every file that matches, expect agreement, return their number. */
static inline size_t replay_all(const char *pattern)
{
    glob_t files;
    assert_int_equal(glob(pattern, 0, NULL, &files), 0);
    size_t count = files.gl_pathc;
    struct study_replay_report report = {0};
    for (size_t i = 0; i < count; i++) {
        struct sim_err err = {0};
        if (!study_replay_file(files.gl_pathv[i], &report, &err)) {
            fail_msg("%s:%u: %s", err.file, err.line, err.text);
        }
        if (!report.agrees) {
            struct sim_text text = {0};
            study_replay_format(&report, &text);
            fail_msg("%s", sim_text_get(&text));
        }
        assert_true(report.operations >= 2000);
    }
    study_replay_report_finish(&report);
    globfree(&files);
    return count;
}

#endif

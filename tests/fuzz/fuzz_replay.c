/*
 * Any bytes as a trace to replay: it is followed, or it differs, or it is told that it is no trace.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/assert.h"
#include "sim/text.h"
#include "studies/replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[] = "/tmp/sluice-fuzz-XXXXXX";
    struct study_replay_report report = {0};
    struct sim_text text = {0};
    struct sim_err err = {0};
    int file = mkstemp(path);
    if (file < 0) {
        return 0;
    }
    bool is_written = write(file, data, size) == (ssize_t)size;
    close(file);
    if (is_written && study_replay_file(path, &report, &err)) {
        study_replay_format(&report, &text);
        sim_assert(NULL, text.length > 0);
    } else if (is_written) {
        sim_assert(NULL, err.code != SIM_ERR_NONE && err.text[0] != '\0');
    }
    study_replay_report_finish(&report);
    sim_text_finish(&text);
    unlink(path);
    return 0;
}

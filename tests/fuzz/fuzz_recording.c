/*
 * Any bytes as a file of a recording, which the first byte chooses: a recording, or a message with
 * file and line; and a scenario out of what was read, or a message.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/assert.h"
#include "studies/calibrate.h"
#include "studies/recording.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const leaves[] = {"series.csv",      "summary.csv",  "placement.csv",
                                     "checkpoints.csv", "channels.csv", "spread.csv"};

#define LEAF_COUNT (sizeof leaves / sizeof leaves[0])

static const char series[] = "t_s,vertex,subtask,metric,value\n"
                             "0,source,0,numRecordsOut,0\n0,sink,0,numRecordsIn,0\n"
                             "1,source,0,numRecordsOut,90\n1,sink,0,numRecordsIn,80\n"
                             "2,source,0,numRecordsOut,180\n2,sink,0,numRecordsIn,160\n";

static bool write_file(const char *folder, const char *leaf, const void *bytes, size_t size)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, leaf);
    FILE *file = fopen(path, "wb");
    if (!file) {
        return false;
    }
    bool is_good = fwrite(bytes, 1, size, file) == size;
    return fclose(file) == 0 && is_good;
}

static void use(struct study_recording *recording)
{
    struct study_calibrate_params params = {
        .recording = recording, .name = "fuzz", .flink_version = "2.2", .warmup_s = 0};
    struct sim_text scenario = {0};
    struct sim_err err = {0};
    study_recording_summarise(recording, 0);
    if (!study_calibrate(&params, &scenario, &err)) {
        sim_assert(NULL, err.code != SIM_ERR_NONE && err.text[0] != '\0');
        sim_assert(NULL, scenario.length == 0);
    }
    sim_text_finish(&scenario);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char folder[] = "/tmp/sluice-fuzz-XXXXXX";
    if (size == 0 || !mkdtemp(folder)) {
        return 0;
    }
    const char *leaf = leaves[data[0] % LEAF_COUNT];
    if (write_file(folder, "series.csv", series, sizeof series - 1) &&
        write_file(folder, leaf, data + 1, size - 1)) {
        struct study_recording recording;
        struct sim_err err = {0};
        if (study_recording_read(&recording, folder, &err)) {
            use(&recording);
            study_recording_finish(&recording);
        } else {
            sim_assert(NULL, err.text[0] != '\0' && (err.code != SIM_ERR_INPUT || err.line > 0));
        }
    }
    for (size_t i = 0; i < LEAF_COUNT; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", folder, leaves[i]);
        unlink(path);
    }
    rmdir(folder);
    return 0;
}

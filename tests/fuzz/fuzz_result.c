/*
 * Any bytes as a CSV file of a result folder: rows of as many fields as the header has, or a
 * message with the line; and as the compare.csv of a comparison.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plots/comparison.h"
#include "plots/csv.h"
#include "sim/assert.h"
#include "tests/support/temporary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_rows(struct sim_csv *csv)
{
    struct sim_err err = {0};
    enum sim_csv_next next;
    while ((next = sim_csv_next(csv, &err)) == SIM_CSV_ROW) {
        double value = 0;
        uint32_t index = 0;
        sim_assert(NULL, csv->field_count == 5);
        for (size_t i = 0; i < csv->field_count; i++) {
            sim_assert(NULL, strlen(csv->fields[i]) <= SIM_CSV_MAX_LINE);
        }
        if (sim_csv_number(csv, 0, 0, 1e9, &value, &err)) {
            sim_assert(NULL, value >= 0 && value <= 1e9);
        }
        if (sim_csv_index(csv, 2, 1000, &index, &err)) {
            sim_assert(NULL, index <= 1000);
        }
    }
    sim_assert(NULL, next == SIM_CSV_END || (err.line > 0 && err.text[0] != '\0'));
}

static void read_comparison(const char *path)
{
    struct plt_comparison comparison;
    struct sim_err err = {0};

    if (plt_comparison_read(&comparison, path, &err)) {
        sim_assert(NULL, comparison.config_count > 0);
        for (uint32_t c = 0; c < comparison.config_count; c++) {
            sim_assert(NULL, comparison.configs[c].short_label != NULL);
        }
    } else {
        sim_assert(NULL, err.code != SIM_ERR_NONE && err.text[0] != '\0');
    }
    plt_comparison_finish(&comparison);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct temporary file;
    struct sim_csv csv;
    struct sim_err err = {0};
    if (!temporary_make(&file, data, size)) {
        return 0;
    }
    if (plt_csv_open(&csv, file.path, "t_s,vertex,subtask,metric,value", &err)) {
        read_rows(&csv);
        sim_csv_close(&csv);
    } else {
        sim_assert(NULL, err.code != SIM_ERR_NONE && err.text[0] != '\0');
    }
    read_comparison(file.path);
    temporary_remove(&file);
    return 0;
}

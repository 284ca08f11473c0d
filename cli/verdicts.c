#include "cli/verdicts.h"

#include <inttypes.h>

#include "cli/cli.h"
#include "cli/intervals.h"

#define NAME_COLUMNS 4
#define VERDICT_COLUMNS 15

static void add_value(struct sim_text *text, const struct study_threshold *threshold)
{
    const struct sim_interval *interval = &threshold->interval;
    char number[32];

    if (threshold->verdict == STUDY_THRESHOLD_UNSETTLED) {
        sim_text_add(text, "no average");
        return;
    }
    if (interval->n == 0) {
        sim_text_add(text, "too few samples");
        return;
    }
    cli_measure_format(number, sizeof number, threshold->unit, interval->mean);
    sim_text_add(text, "%s", number);
    if (interval->n > 1) {
        cli_measure_format(number, sizeof number, threshold->unit, interval->half_width);
        sim_text_add(text, " +- %s (n=%" PRIu64 ")", number, interval->n);
    }
}

void cli_verdicts_print(const struct study_thresholds *thresholds, const char *name,
                        enum cli_format format, FILE *out)
{
    bool is_markdown = format == CLI_FORMAT_MARKDOWN;
    unsigned indent = VERDICT_COLUMNS + (name != NULL ? NAME_COLUMNS : 0);

    for (uint32_t i = 0; i < thresholds->count; i++) {
        const struct study_threshold *threshold = &thresholds->list[i];
        const char *verdict = study_threshold_verdict_name(threshold->verdict);
        struct sim_text text = {0};

        sim_text_add(&text, "%s %s %s: ", threshold->metric,
                     threshold->is_least ? "at least" : "at most", threshold->text);
        add_value(&text, threshold);
        if (is_markdown) {
            fprintf(out, "- %s%s%s: %s\n", name != NULL ? name : "", name != NULL ? ", " : "",
                    verdict, sim_text_get(&text));
        } else {
            if (name != NULL) {
                fprintf(out, "%-*s", NAME_COLUMNS, name);
            }
            fprintf(out, "%-*s", VERDICT_COLUMNS, verdict);
            cli_wrap(out, sim_text_get(&text), indent, indent);
        }
        sim_text_finish(&text);
    }
}

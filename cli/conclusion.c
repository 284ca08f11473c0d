#include "cli/conclusion.h"

#include "scenarios/reader/scenario.h"

bool cli_conclusion_make(struct cli_conclusion *conclusion, const struct study_compare *compare,
                         uint32_t config, struct sim_arena *arena, struct sim_err *err)
{
    const struct study_config *of = &compare->configs[config];
    const struct study_outcome *outcome = study_run_outcome(of->first);
    struct net_spec spec = *of->spec;
    struct study_result *result = &conclusion->result;
    struct study_allotment *allotments = NULL;

    *conclusion = (struct cli_conclusion){0};
    spec.run.warmup = outcome->window_from; /* also where it was found */
    scn_scenario_write(&spec, &conclusion->resolved);
    *result = (struct study_result){.run = of->first,
                                    .version = SLUICE_VERSION,
                                    .warmup_from = of->warmup.is_sought ? "MSER-5" : "scenario",
                                    .scenario = sim_text_get(&conclusion->resolved)};
    if (outcome->stop == STUDY_STOP_REFUSED) {
        return true;
    }
    if (compare->done > 1 ||
        (compare->replications > 1 && study_compare_is_unsettled(compare, config))) {
        result->compare = compare;
        result->config = config;
    }
    study_diagnose(&conclusion->diagnosis, outcome);
    result->diagnosis = &conclusion->diagnosis;
    if (!study_allotments(outcome, arena, &allotments, &result->allotment_count, err)) {
        return false;
    }
    result->allotments = allotments;
    return true;
}

void cli_conclusion_finish(struct cli_conclusion *conclusion)
{
    study_diagnosis_finish(&conclusion->diagnosis);
    sim_text_finish(&conclusion->resolved);
}

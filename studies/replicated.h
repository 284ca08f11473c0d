#ifndef STUDIES_REPLICATED_H
#define STUDIES_REPLICATED_H
/*
 * The rows of summary.csv over several replications: each replication gives one mean, and the row
 * has the mean of these with its interval. What is kept does not grow with their number.
 */
#include <stddef.h>

#include "studies/result.h"
#include "studies/run.h"

struct study_replicated;

/* The caller owns the result. */
struct study_replicated *study_replicated_create(void);
void study_replicated_destroy(struct study_replicated *replicated);

/* Add one more replication; the result depends on their order in the last digits. */
void study_replicated_add(struct study_replicated *replicated, const struct study_run *run);

/*
 * The rows so far, in the order of summary.csv. `n`, `min` and `max` are of all observations in all
 * replications, `sd` is theirs too (of a quantile: of the replications' quantiles), `reps` counts
 * the replications that had such a row. Borrowed; valid until the next call.
 */
const struct study_result_row *study_replicated_rows(struct study_replicated *replicated,
                                                     size_t *count);

#endif

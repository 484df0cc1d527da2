#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inventory/inventory.h"
#include "plans/gates/condition.h"

/// What was missing before a change is not waited for after it: only new damage counts. The step
/// before the change takes the marks, by its parameter `baselines`, and leaves them in its notes;
/// the gate after it finds them by its parameter `before`.
namespace drover::plans {

/// The marks that a node's cordon takes: of its own node, just before it is emptied. A control
/// plane has been changed by then, so that most of its marks are those of the run's start.
void take_marks(Step& cordon, const Host& host, const Inventory& inventory,
                const UpgradePlan& file);
/// The marks of the cluster that a hop's preflight takes.
void take_marks_of_cluster(Step& preflight, const Inventory& inventory, const UpgradePlan& file);

/// Lets a gate of a node, or of the cluster, judge by those.
void judge_by_marks_before(Step& gate, const Host& host);
void judge_by_marks_at_start(Step& gate);

/// Takes no marks of conditions that the plan file has switched off.
void configure_baselines(Step& step, const UpgradePlan& file);

/// Adds to `queries` what a step needs for the marks that it has not taken yet.
void ask_baselines(const Step& step, const Attempt& attempt, Queries& queries);

/// `decision`, which ends the step or changes something, with the marks in its notes and in what is
/// journalled before the change; or a wait while there is more to be asked. A decision of another
/// sort stays as it is. The first marks that a step took count, whatever became of it.
Decision keep_baselines(const Step& step, const Attempt& attempt, const Answers& answers,
                        Decision decision);

/// The marks that `step` is to judge by: of the first step in its parameter `before` that took
/// some, or those of the plan, its parameter `was:ID`.
std::optional<Marks> marks_before(const Step& step, const Attempt& attempt, std::string_view id);

/// The highest number of each subject in the marks that any of those steps took.
std::optional<Marks> highest_marks_before(const Step& step, const Attempt& attempt,
                                          std::string_view id);

/// "default/web=2 kube-system/x=0"; "-" without any, so that it differs from marks never taken.
std::string marks_text(const Marks& marks);

/// The name of the note, or parameter, with the marks of a condition.
std::string marks_note(std::string_view id);

}  // namespace drover::plans

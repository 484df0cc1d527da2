#pragma once

#include <map>
#include <string>
#include <vector>

#include "plans/etcd/restore.h"
#include "plans/etcd/static_pods.h"
#include "plans/step.h"

/// Manifests that the operator gave for a control plane, instead of those that it has.
namespace drover::plans {

/// Puts into `step` those given for these components; nothing where none are.
void describe_given(Step& step, const Restore& restore, const RestoreMember& member,
                    const std::vector<std::string>& names);
/// By component, the SHA-256 of the manifest given; empty: none are.
std::map<std::string, std::string> given_in(const Step& step);

/// Where the copies are, what they are, and what is in place already.
Command look_at_given(const Step& step);
/// The same as part of a script that has `manifests`, `stopped` and `names`.
std::string given_shell(const Step& step);
/// True for the first word of a line that it prints.
bool says_given(const std::string& word);
std::vector<StaticPodSeen> read_given(const CommandResult& result);

/// Components whose copy is not on the machine, or is another, though it is still needed: their
/// manifest is not in place yet.
std::vector<std::string> to_be_sent(const Step& step, const CommandResult& result);

/// Text of a script that puts the given ones in place, by `place NAME SHA-256`; its parameters are
/// `manifests` and `given`.
std::string place_given(const RestoreMember& member, const std::vector<std::string>& names);

}  // namespace drover::plans

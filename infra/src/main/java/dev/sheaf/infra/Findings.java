package dev.sheaf.infra;

import io.github.cdklabs.cdknag.NagPackSuppression;
import io.github.cdklabs.cdknag.NagSuppressions;
import io.github.cdklabs.cdknag.RegexAppliesTo;
import java.util.List;
import software.constructs.IConstruct;

/**
 * Accepts findings of cdk-nag, each of one resource and with its reason. There is none for the
 * stack as a whole: a resource that comes later is judged by itself.
 */
final class Findings {
  private static final String RULES = "AwsSolutions-";

  private Findings() {}

  /**
   * @param rule without the name of its pack
   */
  static void accept(IConstruct resource, String rule, String reason) {
    NagPackSuppression accepted =
        NagPackSuppression.builder().id(RULES + rule).reason(reason).build();
    NagSuppressions.addResourceSuppressions(resource, List.of(accepted));
  }

  /**
   * Accepts of a policy that it names keys by their prefix, and no other wildcard.
   *
   * @param patterns of keys, such as {@code packs/*}
   */
  static void acceptKeys(IConstruct policy, List<String> patterns) {
    List<RegexAppliesTo> wildcards =
        patterns.stream()
            .map(pattern -> pattern.replace(".", "\\.").replace("/", "\\/").replace("*", "\\*"))
            .map(regex -> "/^Resource::<StoreBucket\\w+\\.Arn>\\/" + regex + "$/g")
            .map(regex -> RegexAppliesTo.builder().regex(regex).build())
            .toList();
    NagPackSuppression accepted =
        NagPackSuppression.builder()
            .id(RULES + "IAM5")
            .reason("The keys under a prefix of the site's own bucket are not known beforehand.")
            .appliesTo(wildcards)
            .build();
    NagSuppressions.addResourceSuppressions(policy, List.of(accepted));
  }
}

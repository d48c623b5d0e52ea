package dev.sheaf.infra;

import io.github.cdklabs.cdknag.NagPackSuppression;
import io.github.cdklabs.cdknag.NagSuppressions;
import io.github.cdklabs.cdknag.RegexAppliesTo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.Stack;

/** The findings of cdk-nag that we accept, each with its reason. */
final class Suppressions {
  private static final String BEARER =
      "The function checks bearer tokens itself: scopes are by repository, public ones need none.";

  private static final Map<String, String> REASONS =
      new TreeMap<>(
          Map.of(
              "AwsSolutions-APIG1",
                  "The function logs one line for each request; access logs of API Gateway would"
                      + " need a role on the whole account.",
              "AwsSolutions-APIG2", "One path takes every route; the function checks its input.",
              "AwsSolutions-APIG3", "A firewall is a choice, and a cost, of whoever runs the site.",
              "AwsSolutions-APIG4", BEARER,
              "AwsSolutions-APIG6",
                  "The function logs one line for each request; execution logs would hold bodies.",
              "AwsSolutions-COG4", BEARER,
              "AwsSolutions-S1",
                  "Nobody but the functions and the holders of URLs that they signed can reach the"
                      + " bucket, and the functions log what they did.",
              "AwsSolutions-SMG4",
                  "The tokens secret holds hashes that only their owner can replace.",
              "AwsSolutions-VPC7",
                  "Nothing is in it but the catalog, and no rule lets traffic in or out."));

  private Suppressions() {}

  static void apply(Stack stack) {
    List<NagPackSuppression> accepted = new ArrayList<>();
    REASONS.forEach(
        (id, reason) -> accepted.add(NagPackSuppression.builder().id(id).reason(reason).build()));
    accepted.add(keysUnderPrefixes());
    NagSuppressions.addStackSuppressions(stack, accepted);
  }

  /** The one kind of wildcard in our policies; any other is still a finding. */
  private static NagPackSuppression keysUnderPrefixes() {
    return NagPackSuppression.builder()
        .id("AwsSolutions-IAM5")
        .reason("The keys under a prefix of the site's own bucket are not known beforehand.")
        .appliesTo(
            List.of(
                RegexAppliesTo.builder()
                    .regex(
                        "/^Resource::<StoreBucket\\w+\\.Arn>\\/(bundles|objects|packs|\\.metadata(\\/site)?)\\/\\*$/g")
                    .build()))
        .build();
  }
}

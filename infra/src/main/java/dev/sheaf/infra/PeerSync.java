package dev.sheaf.infra;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.SecretValue;
import software.amazon.awscdk.services.events.Rule;
import software.amazon.awscdk.services.events.Schedule;
import software.amazon.awscdk.services.events.targets.LambdaFunction;
import software.amazon.awscdk.services.lambda.EventInvokeConfigOptions;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.constructs.Construct;

/** What follows other sites: the function, its schedule, and what this site shows its peers. */
final class PeerSync extends Construct {
  /** Ticks may overlap: one that has much to read does not hold up those of other peers. */
  static final Duration TIMEOUT = Duration.minutes(5);

  private final Secret tokens;
  private final SheafFunction function;

  PeerSync(Construct scope, Site site, Archives archives, Map<String, String> variables) {
    super(scope, "Peers");
    this.tokens = tokens(site);
    Map<String, String> all = new HashMap<>(variables);
    all.put("SHEAF_PEER_TOKENS", tokens.getSecretArn());
    this.function =
        new SheafFunction(
            this,
            site,
            archives.of("peer-sync"),
            new SheafFunction.Settings(
                "peer-sync",
                "PeerSync",
                "dev.sheaf.peersync.PeerSyncHandler::handleRequest",
                "Follows the operation logs of other sites, and copies their bundles",
                1024,
                // A bundle of 2 GB or a pack of 1 GB. Called every minute, it seldom starts cold.
                2560,
                TIMEOUT),
            all);
    schedule(site);
  }

  /** The next tick does what one left undone. */
  private void schedule(Site site) {
    function
        .live()
        .configureAsyncInvoke(EventInvokeConfigOptions.builder().retryAttempts(0).build());
    Rule.Builder.create(this, "Schedule")
        .ruleName(site.resource("peer-sync"))
        .schedule(Schedule.rate(Duration.minutes(1)))
        .targets(List.of(LambdaFunction.Builder.create(function.live()).retryAttempts(0).build()))
        .build();
  }

  /** Holds tokens, put there by whoever runs the site; an update leaves them alone. */
  private Secret tokens(Site site) {
    Secret secret =
        Secret.Builder.create(this, "Tokens")
            .secretName(site.resource("peer-tokens"))
            .description(
                "What this site shows its peers: a JSON object, the URL of each to a token")
            .secretStringValue(SecretValue.unsafePlainText("{}"))
            .removalPolicy(site.removal())
            .build();
    Findings.accept(secret, "SMG4", "Its tokens are given by the peers, which alone replace them.");
    return secret;
  }

  Secret tokens() {
    return tokens;
  }

  SheafFunction function() {
    return function;
  }
}

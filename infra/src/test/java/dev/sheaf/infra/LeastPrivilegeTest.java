package dev.sheaf.infra;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.assertions.Template;

/**
 * What each function may do, and why. The tables below are complete: a grant that is not in them
 * fails, and so does a table entry that is not granted.
 */
@NeedsNode
class LeastPrivilegeTest {
  private static final List<String> DATA_API =
      List.of(
          "rds-data:BeginTransaction",
          "rds-data:CommitTransaction",
          "rds-data:ExecuteStatement",
          "rds-data:RollbackTransaction");

  private static final Template TEMPLATE = Template.fromStack(Synthesized.onExistingCatalog());

  @Test
  void bundleIndex() {
    assertGrants(
        "BundleIndexRole",
        because("it writes its log", "logs", "logs:CreateLogStream logs:PutLogEvents"),
        because("it reads and writes the catalog", Synthesized.CLUSTER, DATA_API),
        because("the Data API asks for the role's password", "role", secret()),
        because("it reads the uploaded bundle", "bucket/bundles/*", "s3:GetObject"),
        because("it stores the objects of a bundle", "bucket/objects/*", "s3:PutObject"),
        because("it reads what packs build on", "bucket/git/*", "s3:GetObject"),
        because("it stores packs and manifests", "bucket/git/*", "s3:PutObject"),
        because("it counts what it did", "bucket/.metadata/site/*", "s3:PutObject"),
        because("a deleted bundle must be 404, not 403", "bucket", "s3:ListBucket"),
        because("it wakes itself for what is left to do", "uploads", "sqs:SendMessage"),
        because("it gives up uploads by itself", "dead", "sqs:SendMessage"),
        because(
            "Lambda polls the queue in its name",
            "uploads",
            "sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes"
                + " sqs:ReceiveMessage"));
  }

  @Test
  void api() {
    assertGrants(
        "ApiRole",
        because("it writes its log", "logs", "logs:CreateLogStream logs:PutLogEvents"),
        because("it reads and writes the catalog", Synthesized.CLUSTER, DATA_API),
        because("the Data API asks for the role's password", "role", secret()),
        because("it knows the tokens' hashes", "tokens", secret()),
        because("it reads small bundles and signs downloads", "bucket/bundles/*", "s3:GetObject"),
        because("it answers with objects", "bucket/objects/*", "s3:GetObject"),
        because("it signs downloads of merged bundles", "bucket/merged/*", "s3:GetObject"),
        because("it signs downloads of packs", "bucket/packs/*", "s3:GetObject"),
        because("it reads what packs build on", "bucket/git/*", "s3:GetObject"),
        because("it stores packs and manifests", "bucket/git/*", "s3:PutObject"),
        because("its status page reads the site's journal", "bucket/.metadata/*", "s3:GetObject"),
        because("it signs uploads in its own name", "bucket/bundles/*", "s3:PutObject"),
        because("a small push is readable at once", "bucket/objects/*", "s3:PutObject"),
        because("a stream push signs uploads of objects", "bucket/incoming/*", "s3:PutObject"),
        because("it proves what a stream push sent", "bucket/incoming/*", "s3:GetObject"),
        because("it clears away what a push took in", "bucket/incoming/*", "s3:DeleteObject"),
        because("it prepares answers of large fetches", "bucket/packs/*", "s3:PutObject"),
        because("it writes down what no bundle tells of", "bucket/repos/*", "s3:PutObject"),
        because("it writes over no record that tells of more", "bucket/repos/*", "s3:GetObject"),
        because("strangers see what is public", "bucket/site/public-repos", "s3:GetObject"),
        because("it opens and closes repositories", "bucket/site/public-repos", "s3:PutObject"),
        because(
            "who reads a journal first gives it an empty rollup",
            "bucket/.metadata/site/rollup.json",
            "s3:PutObject"),
        because("a missing key must be 404, not 403", "bucket", "s3:ListBucket"),
        because("it wakes the index after a retry", "uploads", "sqs:SendMessage"));
  }

  /** It deletes what folds have replaced, and what is nobody's or has become a pack. */
  @Test
  void compaction() {
    assertGrants(
        "CompactionRole",
        because("it writes its log", "logs", "logs:CreateLogStream logs:PutLogEvents"),
        because("it keeps the operation log small", Synthesized.CLUSTER, DATA_API),
        because("the Data API asks for the role's password", "role", secret()),
        because("it finds journals and their segments", "bucket", "s3:ListBucket"),
        because("it reads segments", "bucket/.metadata/*", "s3:GetObject"),
        because("it writes what it folded", "bucket/.metadata/*", "s3:PutObject"),
        because("it removes segments that it folded", "bucket/.metadata/*", "s3:DeleteObject"),
        because("it asks which packs repositories have", Synthesized.CLUSTER, DATA_API),
        because("the Data API asks for the role's password", "role", secret()),
        because("it reads packs to fold", "bucket/git/*", "s3:GetObject"),
        because("it writes packs and manifests", "bucket/git/*", "s3:PutObject"),
        because("it removes packs that are of no use", "bucket/git/*", "s3:DeleteObject"),
        because("it removes uploads that are in packs", "bucket/bundles/*", "s3:DeleteObject"),
        because("it removes what was sent to deleted ones", "bucket/incoming/*", "s3:DeleteObject"),
        because("the last of a deleted repository goes", "bucket/repos/*", "s3:DeleteObject"),
        because("a record says that it is deleted", "bucket/repos/*", "s3:GetObject"),
        because("it removes objects of no repository", "bucket/objects/*", "s3:DeleteObject"),
        because("only as they were noted", "bucket/objects/*", "s3:GetObject"),
        because("it reads small bundles to merge", "bucket/bundles/*", "s3:GetObject"),
        because("it reads merged ones to merge", "bucket/merged/*", "s3:GetObject"),
        because("it writes what it merged", "bucket/merged/*", "s3:PutObject"),
        because("it removes what larger ones replace", "bucket/merged/*", "s3:DeleteObject"));
  }

  /** It deletes what it has read and found false. */
  @Test
  void repair() {
    assertGrants(
        "RepairRole",
        because("it writes its log", "logs", "logs:CreateLogStream logs:PutLogEvents"),
        because("it compares the catalog with the bucket", Synthesized.CLUSTER, DATA_API),
        because("the Data API asks for the role's password", "role", secret()),
        because("one listing answers what is present", "bucket", "s3:ListBucket"),
        because("it reads bundles for what they hold", "bucket/bundles/*", "s3:GetObject"),
        because("it proves objects by reading them", "bucket/objects/*", "s3:GetObject"),
        because("a miss is confirmed by a HEAD", "bucket/packs/*", "s3:GetObject"),
        because("a miss is confirmed by a HEAD", "bucket/merged/*", "s3:GetObject"),
        because("it reads packs for what is derived from them", "bucket/git/*", "s3:GetObject"),
        because("it puts back lost packs", "bucket/git/*", "s3:PutObject"),
        because("it writes down what only the catalog knows", "bucket/repos/*", "s3:PutObject"),
        because("it writes over no record that tells of more", "bucket/repos/*", "s3:GetObject"),
        because("it removes what is false", "bucket/git/*", "s3:DeleteObject"),
        because("it puts back lost objects", "bucket/objects/*", "s3:PutObject"),
        because("it puts back lost bundles", "bucket/bundles/*", "s3:PutObject"),
        because("it keeps a copy of what is false", "bucket/damaged/*", "s3:PutObject"),
        because("what a copy's ids prove comes back", "bucket/damaged/*", "s3:GetObject"),
        because("it removes what is false", "bucket/objects/*", "s3:DeleteObject"),
        because("it removes what is false", "bucket/bundles/*", "s3:DeleteObject"),
        because("it removes what is false", "bucket/packs/*", "s3:DeleteObject"),
        because("it knows what was written lately", "bucket/.metadata/*", "s3:GetObject"),
        because(
            "who reads a journal first gives it an empty rollup",
            "bucket/.metadata/site/rollup.json",
            "s3:PutObject"),
        because(
            "who reads a journal first gives it an empty rollup",
            "bucket/.metadata/present-*/rollup.json",
            "s3:PutObject"),
        because(
            "it goes on by its own queue, which Lambda polls in its name",
            "repairs",
            "sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes"
                + " sqs:ReceiveMessage sqs:SendMessage"));
  }

  /**
   * It puts bundles where the queue hears of them; it can delete nothing but parts that it kept,
   * and touches nothing else.
   */
  @Test
  void peerSync() {
    Template peers = Template.fromStack(Synthesized.withPeers());
    assertGrants(
        peers,
        "PeersPeerSyncRole",
        because("it writes its log", "logs", "logs:CreateLogStream logs:PutLogEvents"),
        because("it applies what peers did", Synthesized.CLUSTER, DATA_API),
        because("the Data API asks for the role's password", "role", secret()),
        because("it shows its tokens to peers", "peer-tokens", secret()),
        because("it copies bundles", "bucket/bundles/*", "s3:PutObject"),
        because("it copies none that is here", "bucket/bundles/*", "s3:GetObject"),
        because("it copies packs of git repositories", "bucket/git/*", "s3:PutObject"),
        because("it reads what packs build on", "bucket/git/*", "s3:GetObject"),
        because("it keeps what has come of a large one", "bucket/copies/*", "s3:PutObject"),
        because("it goes on from there", "bucket/copies/*", "s3:GetObject"),
        because("whole, it is kept in parts no more", "bucket/copies/*", "s3:DeleteObject"),
        because("it adds to a list", "bucket/site/public-repos", "s3:GetObject"),
        because("what peers made public is read here", "bucket/site/public-repos", "s3:PutObject"),
        because("what is not here must be 404, not 403", "bucket", "s3:ListBucket"),
        because(
            "Lambda polls the queue of requests in its name",
            "follows",
            "sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes"
                + " sqs:ReceiveMessage"));
    for (String role : List.of("BundleIndexRole", "CompactionRole")) {
      assertThat(Policies.of(peers, role)).isEqualTo(Policies.of(TEMPLATE, role));
    }
    Map<String, Set<String>> api = new HashMap<>(Policies.of(TEMPLATE, "ApiRole"));
    // Who does not want to wait for the schedule asks it.
    api.put("follows", Set.of("sqs:SendMessage"));
    assertThat(Policies.of(peers, "ApiRole")).isEqualTo(api);
  }

  /** Nobody else may read the master's secret, and it does nothing else with it. */
  @Test
  void catalogRole() {
    assertGrants(
        "CatalogRoleMakerRole",
        because("it writes its log", "logs", "logs:CreateLogStream logs:PutLogEvents"),
        because("it makes the role by SQL", Synthesized.CLUSTER, DATA_API),
        because("as a user who may make roles", Synthesized.SECRET, secret()),
        because("it gives the role its password, and tries it", "role", secret()));
  }

  /** API Gateway's own, which is the account's: only the policy that AWS made for it. */
  @Test
  void rolesHaveNothingButThesePolicies() {
    List<String> managed =
        Resources.of(TEMPLATE, "AWS::IAM::Role").stream()
            .map(role -> role.at("/Properties/ManagedPolicyArns").toString())
            .filter(policies -> !policies.isEmpty())
            .toList();
    assertThat(managed).hasSize(1);
    assertThat(managed.getFirst())
        .contains("service-role/AmazonAPIGatewayPushToCloudWatchLogs")
        .doesNotContain("],[");
    assertThat(TEMPLATE.findResources("AWS::IAM::Role")).hasSize(6);
    assertThat(TEMPLATE.findResources("AWS::IAM::Policy")).hasSize(5);
  }

  /** One action set on one resource; the reason is the documentation. */
  private static Map.Entry<String, Set<String>> because(
      String reason, String resource, List<String> actions) {
    assertThat(reason).isNotBlank();
    return entry(resource, new TreeSet<>(actions));
  }

  private static Map.Entry<String, Set<String>> because(
      String reason, String resource, String actions) {
    return because(reason, resource, Arrays.asList(actions.split(" ")));
  }

  private static String secret() {
    return "secretsmanager:GetSecretValue";
  }

  @SafeVarargs
  private static void assertGrants(String role, Map.Entry<String, Set<String>>... expected) {
    assertGrants(TEMPLATE, role, expected);
  }

  @SafeVarargs
  private static void assertGrants(
      Template template, String role, Map.Entry<String, Set<String>>... expected) {
    Map<String, Set<String>> merged = new HashMap<>();
    for (Map.Entry<String, Set<String>> grant : expected) {
      merged.computeIfAbsent(grant.getKey(), _ -> new TreeSet<>()).addAll(grant.getValue());
    }
    assertThat(Policies.of(template, role)).isEqualTo(merged);
  }
}

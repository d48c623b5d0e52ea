package dev.sheaf.infra;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Annotations;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.services.iam.Effect;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.lambda.Alias;
import software.amazon.awscdk.services.lambda.Architecture;
import software.amazon.awscdk.services.lambda.Code;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.lambda.Runtime;
import software.amazon.awscdk.services.lambda.SnapStartConf;
import software.amazon.awscdk.services.lambda.VersionOptions;
import software.amazon.awscdk.services.logs.LogGroup;
import software.constructs.Construct;
import software.constructs.IConstruct;

/**
 * One function with a role and a log group of its own. Callers go through the alias {@code live}: a
 * SnapStart snapshot belongs to a published version.
 */
final class SheafFunction extends Construct {

  /**
   * What differs between functions.
   *
   * @param name as in {@code functions/<name>}
   * @param id of the construct
   * @param handler class and method
   * @param memoryMb also decides its share of a processor: one whole at 1,769
   * @param tempMb temp space; more than 512 goes without SnapStart, which allows no more
   */
  record Settings(
      String name,
      String id,
      String handler,
      String description,
      int memoryMb,
      int tempMb,
      Duration timeout) {
    /** With the temp space that every function has. */
    Settings(
        String name,
        String id,
        String handler,
        String description,
        int memoryMb,
        Duration timeout) {
      this(name, id, handler, description, memoryMb, TEMP_MB, timeout);
    }

    private boolean isSnapped() {
      return tempMb <= TEMP_MB;
    }
  }

  private static final int TEMP_MB = 512;

  private final Settings settings;
  private final LogGroup logs;
  private final Role role;
  private final Function function;
  private final Alias live;

  SheafFunction(
      Construct scope, Site site, Code code, Settings settings, Map<String, String> variables) {
    super(scope, settings.id());
    String name = site.resource(settings.name());
    this.settings = settings;
    this.logs =
        LogGroup.Builder.create(this, "Logs")
            .logGroupName("/aws/lambda/" + name)
            .retention(site.logRetention())
            .removalPolicy(RemovalPolicy.DESTROY)
            .build();
    this.role =
        Role.Builder.create(this, "Role")
            .description("What " + name + " may do")
            .assumedBy(new ServicePrincipal("lambda.amazonaws.com"))
            .build();
    this.function =
        Function.Builder.create(this, "Function")
            .functionName(name)
            .description(settings.description())
            .runtime(Runtime.JAVA_25)
            .architecture(architecture(site))
            .handler(settings.handler())
            .code(code)
            .memorySize(settings.memoryMb())
            .timeout(settings.timeout())
            .snapStart(settings.isSnapped() ? SnapStartConf.ON_PUBLISHED_VERSIONS : null)
            .ephemeralStorageSize(settings.isSnapped() ? null : Size.mebibytes(settings.tempMb()))
            .currentVersionOptions(
                // Earlier versions stay, so that the alias can be moved back to one.
                VersionOptions.builder().removalPolicy(RemovalPolicy.RETAIN).build())
            .role(role)
            .logGroup(logs)
            .environment(named(site, variables))
            .build();
    // Said by the CDK whenever SnapStart is on; the version below is published.
    if (settings.isSnapped()) {
      Annotations.of(function)
          .acknowledgeWarning(
              "@aws-cdk/aws-lambda:snapStartRequirePublish", "callers use the alias");
    }
    this.live =
        Alias.Builder.create(this, "Live")
            .aliasName("live")
            .version(function.getCurrentVersion())
            .build();
    allow(List.of("logs:CreateLogStream", "logs:PutLogEvents"), logs.getLogGroupArn());
  }

  /** Each line of its log says which site it is of: metrics are counted by it. */
  private static Map<String, String> named(Site site, Map<String, String> variables) {
    Map<String, String> all = new HashMap<>(variables);
    all.put("SHEAF_SITE", site.name());
    return all;
  }

  /** Grants exactly these actions on exactly these resources. */
  void allow(List<String> actions, String... resources) {
    role.addToPolicy(
        PolicyStatement.Builder.create()
            .effect(Effect.ALLOW)
            .actions(actions)
            .resources(List.of(resources))
            .build());
  }

  private static Architecture architecture(Site site) {
    return site.architecture().equals("arm64") ? Architecture.ARM_64 : Architecture.X86_64;
  }

  Settings settings() {
    return settings;
  }

  LogGroup logs() {
    return logs;
  }

  Role role() {
    return role;
  }

  /** What {@link #allow} has put together. */
  IConstruct policy() {
    return role.getNode().findChild("DefaultPolicy");
  }

  Function function() {
    return function;
  }

  Alias live() {
    return live;
  }
}

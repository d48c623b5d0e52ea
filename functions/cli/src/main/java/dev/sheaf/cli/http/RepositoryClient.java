package dev.sheaf.cli.http;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.msgpack.Msgpack;
import dev.sheaf.cli.git.GitId;
import dev.sheaf.cli.git.Head;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The routes of one repository (api.md). Failures come as the sentence that the server gave. */
public final class RepositoryClient {
  private static final String MSGPACK = "application/x-msgpack";
  private static final Duration ANSWER_TIME = Duration.ofSeconds(60);
  private static final Duration FETCH_TIME = Duration.ofMinutes(5);

  private final Transport transport;
  private final RemoteUrl url;
  private final @Nullable Token token;
  private final String withoutToken;

  /** With a token. */
  public RepositoryClient(Transport transport, RemoteUrl url, Token token) {
    this(transport, url, token, "");
  }

  private RepositoryClient(
      Transport transport, RemoteUrl url, @Nullable Token token, String withoutToken) {
    this.transport = transport;
    this.url = url;
    this.token = token;
    this.withoutToken = withoutToken;
  }

  /**
   * For what everybody may see.
   *
   * @param why why there is no token, for who may see less than he thought
   */
  public static RepositoryClient anonymous(Transport transport, RemoteUrl url, String why) {
    return new RepositoryClient(transport, url, null, why);
  }

  /** Where the repository is. */
  public RemoteUrl url() {
    return url;
  }

  /** What was sent so far. */
  public Traffic traffic() {
    return transport.traffic();
  }

  /** All refs, and HEAD. */
  public SiteRefs refs() {
    return furtherRefs(get("refs", "/refs"));
  }

  /** {@link #refs}, or none when there is no such repository yet, or none that we may see. */
  public SiteRefs refsIfPresent() {
    Answer answer = transport.send("refs", authorized(getting("/refs")));
    return answer.status() == 404 ? SiteRefs.NONE : furtherRefs(document(answer));
  }

  /** A server tells of some thousand refs at a time. */
  private SiteRefs furtherRefs(Map<String, @Nullable Object> firstPage) {
    SiteRefs refs = SiteRefs.of(firstPage);
    Map<String, @Nullable Object> page = firstPage;
    while (page.get("next") instanceof String next) {
      page = get("refs", "/refs?after=" + RemoteUrl.escape(next));
      refs = refs.and(SiteRefs.of(page));
    }
    return refs;
  }

  /** Asks for a place to upload a bundle; null when the server has it already. */
  public @Nullable UploadTarget presign(ContentId bundle, long sizeBytes) {
    Map<String, @Nullable Object> answer =
        post(
            "presign",
            "/push/bundle/presign",
            Map.of("bundle_key", bundle.prefixed(), "size_bytes", sizeBytes));
    if (Boolean.TRUE.equals(answer.get("exists"))) {
      return null;
    }
    UploadTarget target = UploadTarget.of(answer);
    storeUrl(target.url());
    return target;
  }

  /**
   * Checks that a server can be asked for so many moves as for one: what {@link #update} wants for
   * an atomic push. To be called before anything is sent.
   *
   * @throws SheafException of kind TOO_LARGE when they do not fit into a request
   */
  public static void requireOneRequest(List<RefUpdate> updates) {
    RefAnnouncement.requireOneRequest(updates);
  }

  /**
   * Moves refs, to what an uploaded bundle holds or to what is there. So many that they do not fit
   * into one request go in several, the first with the bundle, unless the push is atomic.
   *
   * @param bundle null: nothing was uploaded
   * @param head what HEAD is to be; null: as it is
   * @param atomic whether none is to move when one cannot
   * @return of an atomic push that was refused the refs at fault, some at least, perhaps all; of
   *     one that succeeded perhaps none
   */
  public UpdateAnswer update(
      @Nullable ContentId bundle, List<RefUpdate> updates, @Nullable Head head, boolean atomic) {
    List<RefResult> results = new ArrayList<>();
    List<String> jobs = new ArrayList<>();
    for (Map<String, @Nullable Object> body : RefAnnouncement.of(bundle, updates, head, atomic)) {
      Map<String, @Nullable Object> answer = announced(body);
      for (Map<String, @Nullable Object> one : AnswerFields.maps(answer, "results")) {
        results.add(RefResult.of(one));
      }
      if (Boolean.TRUE.equals(answer.get("pending"))
          && answer.get("job_id") instanceof String job) {
        jobs.add(job);
      }
    }
    return new UpdateAnswer(results, jobs);
  }

  /** Refs that could not be moved are an answer, not a failure. */
  private Map<String, @Nullable Object> announced(Map<String, @Nullable Object> body) {
    Answer answer =
        transport.send("unpack-bundle", authorized(posting("/push/unpack-bundle", body)));
    if (answer.status() == 409) {
      Map<String, @Nullable Object> document =
          AnswerFields.document(answer.contentType(), answer.body());
      if (document.containsKey("results")) {
        return document;
      }
    }
    return document(answer);
  }

  /**
   * What to download.
   *
   * @param have packs and bundles that are here already
   */
  public GitPlan clonePlan(Collection<ContentId> have) {
    Map<String, Object> asked = new LinkedHashMap<>();
    asked.put("have_packs", have.stream().map(ContentId::hex).toList());
    List<StoredFile> packs = new ArrayList<>();
    List<StoredFile> bundles = new ArrayList<>();
    Object next;
    do {
      Map<String, @Nullable Object> page = post("clone-plan", "/clone-plan", asked);
      for (Map<String, @Nullable Object> pack : AnswerFields.maps(page, "packs")) {
        packs.add(storedFile(pack, "url"));
      }
      for (Map<String, @Nullable Object> bundle : AnswerFields.maps(page, "bundles")) {
        bundles.add(storedFile(bundle, "url"));
      }
      next = page.get("next");
      asked.put("after", String.valueOf(next));
    } while (next != null);
    return new GitPlan(packs, bundles);
  }

  /** One pack, made now, of all that the one objects reach and the other do not. */
  public StoredFile fetchPack(Collection<GitId> want, Collection<GitId> have) {
    Map<String, Object> asked =
        Map.of(
            "want", want.stream().map(GitId::hex).toList(),
            "have", have.stream().map(GitId::hex).toList());
    Request request = posting("/fetch-pack", asked).patient(FETCH_TIME);
    return storedFile(document(transport.send("fetch-pack", authorized(request))), "url");
  }

  /** One job. */
  public Map<String, @Nullable Object> job(String id) {
    return get("jobs", "/jobs/" + RemoteUrl.escape(id));
  }

  /** The newest jobs. */
  public Map<String, @Nullable Object> jobs(int limit) {
    return get("jobs", "/jobs?limit=" + limit);
  }

  /** Puts a job that is over back into its lane. */
  public Map<String, @Nullable Object> retryJob(String id) {
    return post("jobs", "/jobs/" + RemoteUrl.escape(id) + "/retry", Map.of());
  }

  /** Lets everybody read the repository, or only those whose token says so. */
  public Map<String, @Nullable Object> setPublic(boolean isPublic) {
    return post("visibility", "/visibility", Map.of("public", isPublic));
  }

  /** Gives the repository another name; {@code name} of the answer is the new owner/name. */
  public Map<String, @Nullable Object> rename(String name) {
    return post("name", "/name", Map.of("name", name));
  }

  /** Deletes the repository, or takes that back. */
  public Map<String, @Nullable Object> setDeleted(boolean isDeleted) {
    return post("deletion", "/deletion", Map.of("deleted", isDeleted, "name", url.place()));
  }

  /** A page of the log, newest first. */
  public Map<String, @Nullable Object> commits(
      @Nullable String branch, int limit, @Nullable String before) {
    StringBuilder path = new StringBuilder("/commits?limit=").append(limit);
    if (branch != null) {
      path.append("&branch=").append(RemoteUrl.escape(branch));
    }
    if (before != null) {
      path.append("&before=").append(RemoteUrl.escape(before));
    }
    return get("commits", path.toString());
  }

  /** What is at a path of a commit, or of a branch's head. */
  public Map<String, @Nullable Object> tree(String commit, String path) {
    return get("tree", "/tree/" + RemoteUrl.escape(commit) + "?path=" + RemoteUrl.escape(path));
  }

  /** The bytes of an object, proven when its end is reached; the caller closes the stream. */
  public InputStream object(ContentId id) throws IOException {
    URI place = url.route("/objects/" + id.hex());
    Response response = transport.open("objects", authorized(Request.get(place, ANSWER_TIME)));
    if (response.status() / 100 == 3) {
      // Not by the client itself: the token is for the server, not for the store.
      URI stored = storeUrl(place.resolve(AnswerFields.uri(response.header("Location"))));
      response.close();
      response = transport.open("s3-get", Request.get(stored, ANSWER_TIME));
    }
    if (response.status() != 200) {
      throw new SheafException(
          kind(response.status()),
          "object " + id.hex() + ": " + url + " answered " + response.status());
    }
    return new ProvenStream(response.body(), id);
  }

  /**
   * The bytes of a file of a git repository, proven by its id: the hash of kind, size and bytes.
   */
  public byte[] blob(GitId id) {
    Answer answer = transport.send("objects", authorized(getting("/objects/" + id.hex())));
    if (answer.status() != 200) {
      throw failure(answer);
    }
    GitId found = GitId.ofBlob(answer.body());
    if (!found.equals(id)) {
      throw new SheafException(
          ErrorKind.INVALID,
          "object " + id.hex() + ": " + url + " gave the bytes of " + found.hex());
    }
    return answer.body();
  }

  private Map<String, @Nullable Object> get(String purpose, String path) {
    return document(transport.send(purpose, authorized(getting(path))));
  }

  private Map<String, @Nullable Object> post(String purpose, String path, Map<String, ?> document) {
    return document(transport.send(purpose, authorized(posting(path, document))));
  }

  private Request posting(String path, Map<String, ?> document) {
    Content body = Content.of(Msgpack.encode(document));
    return Request.post(url.route(path), body, ANSWER_TIME).with("Content-Type", MSGPACK);
  }

  private Request getting(String path) {
    return Request.get(url.route(path), ANSWER_TIME);
  }

  private Request authorized(Request request) {
    Request asking = request.with("Accept", MSGPACK + ", application/json");
    return token == null ? asking : token.authorize(asking);
  }

  private Map<String, @Nullable Object> document(Answer answer) {
    if (answer.status() / 100 != 2) {
      throw failure(answer);
    }
    return AnswerFields.document(answer.contentType(), answer.body());
  }

  private StoredFile storedFile(Map<String, @Nullable Object> document, String urlKey) {
    StoredFile file = StoredFile.of(document, urlKey);
    storeUrl(file.url());
    return file;
  }

  /** What came encrypted does not go on in plain text because an answer says so. */
  private URI storeUrl(URI store) {
    String scheme = store.getScheme();
    boolean web = "https".equals(scheme) || "http".equals(scheme);
    boolean weaker = "https".equals(url.origin().scheme()) && "http".equals(scheme);
    if (!web || store.getHost() == null || weaker) {
      throw new SheafException(
          ErrorKind.FORBIDDEN,
          url
              + " names a place for the bytes that is not safe to use: "
              + scheme
              + "://"
              + store.getRawAuthority()
              + "; nothing was sent there");
    }
    return store;
  }

  /** The server's own words, with a hint where the reason is on this side. */
  private SheafException failure(Answer answer) {
    int status = answer.status();
    String detail = AnswerFields.errorDetail(answer.body());
    String message =
        detail.isEmpty() ? url + " answered " + status + ": " + beginning(answer.body()) : detail;
    if ((status == 401 || status == 404) && token == null) {
      message += " (" + withoutToken + ")";
    } else if (status == 401 && token != null) {
      message += " (the site does not know this token: --token, SHEAF_TOKEN or 'sheaf login')";
      token.refused();
    }
    return new SheafException(kind(status), message);
  }

  private static String beginning(byte[] page) {
    return new String(page, 0, Math.min(page.length, 400), StandardCharsets.UTF_8).strip();
  }

  private static ErrorKind kind(int status) {
    return switch (status) {
      case 401, 403 -> ErrorKind.FORBIDDEN;
      case 404 -> ErrorKind.NOT_FOUND;
      case 409 -> ErrorKind.CONFLICT;
      case 413 -> ErrorKind.TOO_LARGE;
      default -> status >= 500 || status == 429 ? ErrorKind.UNAVAILABLE : ErrorKind.INVALID;
    };
  }
}

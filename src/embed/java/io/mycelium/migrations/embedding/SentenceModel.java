package io.mycelium.migrations.embedding;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.spi.model.embedding.EmbeddingModelFactory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/**
 * The sentence model whose jar is on the class path: the POM's {@code embedding.model}. It runs in this process,
 * offline.
 */
public final class SentenceModel {

  /**
   * How many word pieces of a text all-MiniLM-L6-v2 reads: 256, without its two marks for beginning and end.
   * sentence-transformers cuts the rest off; langchain4j does not, so this class does.
   */
  private static final int WORD_PIECES = 254;
  private static final String MINILM_TOKENIZER = "/all-minilm-l6-v2-tokenizer.json";

  static {
    // DJL, which runs the tokenizer, reports to its makers where it is not told to be offline. It and JNA would unpack
    // their libraries into the home folder. DJL's variables in the environment win.
    String unpacked = Path.of(".local/djl").toAbsolutePath().toString();
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("DJL_CACHE_DIR", unpacked);
    System.setProperty("jna.tmpdir", unpacked);
  }

  private final EmbeddingModel model;
  private final HuggingFaceTokenizer tokenizer;

  private SentenceModel(EmbeddingModel model, HuggingFaceTokenizer tokenizer) {
    this.model = model;
    this.tokenizer = tokenizer;
  }

  /** Loads the model, which takes about a second. */
  public static SentenceModel load() throws IOException {
    EmbeddingModel model = ServiceLoader.load(EmbeddingModelFactory.class)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no jar of a model is on the class path"))
        .create();
    try (InputStream words = SentenceModel.class.getResourceAsStream(MINILM_TOKENIZER)) {
      return new SentenceModel(model,
          words == null
              ? null
              : HuggingFaceTokenizer.newInstance(words, Map.of("padding", "false", "truncation", "false")));
    }
  }

  /** How many numbers a vector of this model has. */
  public int dimension() {
    return model.dimension();
  }

  /**
   * Embeds texts, on all cores.
   *
   * @param texts the texts; of a long text, only what the model reads is embedded
   * @return a vector of length 1 for each text, in the form that pgvector reads
   */
  public List<String> embed(List<String> texts) {
    return model.embedAll(texts.stream().map(text -> TextSegment.from(cut(text))).toList())
        .content()
        .stream()
        .map(embedding -> Arrays.toString(embedding.vector()))
        .toList();
  }

  private String cut(String text) {
    if (tokenizer == null || text.length() <= WORD_PIECES) { // a word piece has at least one letter
      return text;
    }
    CharSpan[] pieces = tokenizer.encode(text, false, false).getCharTokenSpans();
    return pieces.length <= WORD_PIECES
        ? text
        : text.substring(0, text.offsetByCodePoints(0, pieces[WORD_PIECES - 1].getEnd()));
  }
}

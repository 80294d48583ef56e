"""Who answers: language and embedding models, what was paid for, and what it cost."""

from synthflow.language_models.defaults import set_default_language_model as set_default_language_model
from synthflow.language_models.embedding_model import EmbeddingModel as EmbeddingModel
from synthflow.language_models.language_model import LanguageModel as LanguageModel
from synthflow.language_models.language_model import Reply as Reply
from synthflow.language_models.ledger import Ledger as Ledger
from synthflow.language_models.messages import ChatMessage as ChatMessage
from synthflow.language_models.messages import ChatMessages as ChatMessages
from synthflow.language_models.messages import ToolCall as ToolCall
from synthflow.language_models.provider import Completion as Completion
from synthflow.language_models.provider import Embedding as Embedding
from synthflow.language_models.provider import Request as Request
from synthflow.language_models.usage import Usage as Usage

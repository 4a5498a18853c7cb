"""The published taxonomies that our clauses are mapped to, by the names that their owners gave them.

Facts, not wording of ours. Map by taxonomy, version and name; a code number such as S7 means other things in other
versions. Sources: the moderation types of openai-python 3.54.0, the AILuminate 1.0 README, the request class of the
DSA Transparency Database of 2024, the data release of Markov et al. 2022, the Llama Guard model cards,
the prompts of NemoGuard, azure-ai-contentsafety 1.0.0, commentanalyzer v1alpha1, the domain taxonomy
of the MIT AI Risk Repository.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True)
class Taxonomy:
    """One published list of categories. ``categories`` maps the name used in data to the name for people."""

    name: str
    version: str
    title: str
    categories: Mapping[str, str]

    @property
    def label(self) -> str:
        """Return ``name/version``, as the pack writes it."""
        return f"{self.name}/{self.version}"


OPENAI_MODERATION: Final = Taxonomy(
    name="openai-moderation",
    version="omni-2024-09-26",
    title="OpenAI moderation",
    categories=MappingProxyType(
        {
            "harassment": "Harassment",
            "harassment/threatening": "Harassment, threatening",
            "hate": "Hate",
            "hate/threatening": "Hate, threatening",
            "illicit": "Illicit",
            "illicit/violent": "Illicit, violent",
            "self-harm": "Self-harm",
            "self-harm/intent": "Self-harm, intent",
            "self-harm/instructions": "Self-harm, instructions",
            "sexual": "Sexual",
            "sexual/minors": "Sexual, minors",
            "violence": "Violence",
            "violence/graphic": "Violence, graphic",
        }
    ),
)

OPENAI_MODERATION_EVAL: Final = Taxonomy(
    name="openai-moderation-eval",
    version="2022-08",
    title="OpenAI moderation evaluation set",
    categories=MappingProxyType(
        {
            "S": "Sexual",
            "H": "Hate",
            "V": "Violence",
            "HR": "Harassment",
            "SH": "Self-harm",
            "S3": "Sexual, minors",
            "H2": "Hate, threatening",
            "V2": "Violence, graphic",
        }
    ),
)

AILUMINATE: Final = Taxonomy(
    name="ailuminate",
    version="1.0",
    title="MLCommons AILuminate",
    categories=MappingProxyType(
        {
            "vcr": "Violent crimes",
            "src": "Sex-related crimes",
            "cse": "Child sexual exploitation",
            "ssh": "Suicide and self-harm",
            "iwp": "Indiscriminate weapons",
            "ipv": "Intellectual property",
            "dfm": "Defamation",
            "ncr": "Non-violent crimes",
            "hte": "Hate",
            "prv": "Privacy",
            "spc_ele": "Specialised advice, elections",
            "spc_fin": "Specialised advice, financial",
            "spc_hlt": "Specialised advice, health",
            "spc_lgl": "Specialised advice, legal",
            "sxc_prn": "Sexual content",
        }
    ),
)

# NOT_SPECIFIED_NOTICE and NOT_SPECIFIED_ORDER are left out: they say that a complaint named no category.
DSA: Final = Taxonomy(
    name="dsa",
    version="2024",
    title="EU Digital Services Act",
    categories=MappingProxyType(
        {
            "STATEMENT_CATEGORY_ANIMAL_WELFARE": "Animal welfare",
            "STATEMENT_CATEGORY_CONSUMER_INFORMATION": "Consumer information infringements",
            "STATEMENT_CATEGORY_CYBER_VIOLENCE": "Cyber violence",
            "STATEMENT_CATEGORY_CYBER_VIOLENCE_AGAINST_WOMEN": "Cyber violence against women",
            "STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS": "Data protection and privacy violations",
            "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH": "Illegal or harmful speech",
            "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS": "Intellectual property infringements",
            "STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS": (
                "Negative effects on civic discourse or elections"
            ),
            "STATEMENT_CATEGORY_PROTECTION_OF_MINORS": "Protection of minors",
            "STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY": "Risk for public security",
            "STATEMENT_CATEGORY_SCAMS_AND_FRAUD": "Scams and fraud",
            "STATEMENT_CATEGORY_SELF_HARM": "Self-harm",
            "STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS": "Unsafe and prohibited products",
            "STATEMENT_CATEGORY_VIOLENCE": "Violence",
            "STATEMENT_CATEGORY_OTHER_VIOLATION_TC": "Other violation of the terms and conditions",
        }
    ),
)

# Codes mean other things in each generation; the names are those of the model cards.
_LLAMA_GUARD_1: Final = {
    "O1": "Violence and Hate",
    "O2": "Sexual Content",
    "O3": "Criminal Planning",
    "O4": "Guns and Illegal Weapons",
    "O5": "Regulated or Controlled Substances",
    "O6": "Self-Harm",
}
_LLAMA_GUARD_2: Final = {
    "S1": "Violent Crimes",
    "S2": "Non-Violent Crimes",
    "S3": "Sex-Related Crimes",
    "S4": "Child Sexual Exploitation",
    "S5": "Specialized Advice",
    "S6": "Privacy",
    "S7": "Intellectual Property",
    "S8": "Indiscriminate Weapons",
    "S9": "Hate",
    "S10": "Suicide & Self-Harm",
    "S11": "Sexual Content",
}
_LLAMA_GUARD_3: Final = {
    "S1": "Violent Crimes",
    "S2": "Non-Violent Crimes",
    "S3": "Sex-Related Crimes",
    "S4": "Child Sexual Exploitation",
    "S5": "Defamation",
    "S6": "Specialized Advice",
    "S7": "Privacy",
    "S8": "Intellectual Property",
    "S9": "Indiscriminate Weapons",
    "S10": "Hate",
    "S11": "Suicide & Self-Harm",
    "S12": "Sexual Content",
    "S13": "Elections",
    "S14": "Code Interpreter Abuse",
}

LLAMA_GUARD: Final = tuple(
    Taxonomy(
        name="llama-guard", version=version, title=f"Llama Guard {version}", categories=MappingProxyType(categories)
    )
    for version, categories in (
        ("1", _LLAMA_GUARD_1),
        ("2", _LLAMA_GUARD_2),
        ("3", _LLAMA_GUARD_3),
        ("4", _LLAMA_GUARD_3),
    )
)

_NVIDIA_AEGIS_1: Final = (
    "Violence",
    "Sexual",
    "Criminal Planning/Confessions",
    "Guns and Illegal Weapons",
    "Controlled/Regulated Substances",
    "Suicide and Self Harm",
    "Sexual (minor)",
    "Hate/Identity Hate",
    "PII/Privacy",
    "Harassment",
    "Threat",
    "Profanity",
    "Needs Caution",
)
_NVIDIA_AEGIS_2: Final = (
    *_NVIDIA_AEGIS_1,
    "Other",
    "Manipulation",
    "Fraud/Deception",
    "Malware",
    "High Risk Gov Decision Making",
    "Political/Misinformation/Conspiracy",
    "Copyright/Trademark/Plagiarism",
    "Unauthorized Advice",
    "Illegal Activity",
    "Immoral/Unethical",
)

NVIDIA_AEGIS: Final = tuple(
    Taxonomy(
        name="nvidia-aegis",
        version=version,
        title=f"NVIDIA Aegis {version}",
        categories=MappingProxyType({name: name for name in names}),
    )
    for version, names in (("1.0", _NVIDIA_AEGIS_1), ("2.0", _NVIDIA_AEGIS_2))
)

# Before omni; without the illicit ones.
OPENAI_TEXT_MODERATION: Final = Taxonomy(
    name="openai-moderation",
    version="text-007",
    title="OpenAI text moderation",
    categories=MappingProxyType(
        {name: title for name, title in OPENAI_MODERATION.categories.items() if not name.startswith("illicit")}
    ),
)

AZURE_CONTENT_SAFETY: Final = Taxonomy(
    name="azure-content-safety",
    version="1.0",
    title="Azure AI Content Safety",
    categories=MappingProxyType({"Hate": "Hate", "SelfHarm": "Self-harm", "Sexual": "Sexual", "Violence": "Violence"}),
)

AZURE_PROMPT_SHIELDS: Final = Taxonomy(
    name="azure-prompt-shields",
    version="2024-09-01",
    title="Azure Prompt Shields",
    categories=MappingProxyType({"userPrompt": "Attack in the prompt", "documents": "Attack in a document"}),
)

PERSPECTIVE: Final = Taxonomy(
    name="perspective",
    version="v1alpha1",
    title="Perspective API",
    categories=MappingProxyType(
        {
            "TOXICITY": "Toxicity",
            "SEVERE_TOXICITY": "Severe toxicity",
            "IDENTITY_ATTACK": "Identity attack",
            "INSULT": "Insult",
            "PROFANITY": "Profanity",
            "THREAT": "Threat",
            "SEXUALLY_EXPLICIT": "Sexually explicit",
            "FLIRTATION": "Flirtation",
            "ATTACK_ON_AUTHOR": "Attack on the author",
            "ATTACK_ON_COMMENTER": "Attack on a commenter",
            "INCOHERENT": "Incoherent",
            "INFLAMMATORY": "Inflammatory",
            "LIKELY_TO_REJECT": "Likely to be rejected",
            "OBSCENE": "Obscene",
            "SPAM": "Spam",
            "UNSUBSTANTIAL": "Unsubstantial",
        }
    ),
)

MIT_RISK_DOMAINS: Final = Taxonomy(
    name="mit-ai-risk",
    version="1.0",
    title="MIT AI Risk Repository, domains",
    categories=MappingProxyType(
        {
            "1.1": "Unfair discrimination and misrepresentation",
            "1.2": "Exposure to toxic content",
            "1.3": "Unequal performance across groups",
            "2.1": "Leaking or inferring sensitive information",
            "2.2": "System vulnerabilities and attacks",
            "3.1": "False or misleading information",
            "3.2": "Pollution of the information ecosystem",
            "4.1": "Disinformation, surveillance and influence at scale",
            "4.2": "Cyberattacks, weapons and mass harm",
            "4.3": "Fraud, scams and targeted manipulation",
            "5.1": "Overreliance and unsafe use",
            "5.2": "Loss of human agency",
            "6.1": "Power centralisation",
            "6.2": "Inequality and employment",
            "6.3": "Devaluation of human effort",
            "6.4": "Competitive dynamics",
            "6.5": "Governance failure",
            "6.6": "Environmental harm",
            "7.1": "Conflicting goals",
            "7.2": "Dangerous capabilities",
            "7.3": "Lack of robustness",
            "7.4": "Lack of transparency",
            "7.5": "AI welfare",
            "7.6": "Multi-agent risks",
        }
    ),
)

# The three that a clause maps to or says why not.
OUTSIDE: Final = (OPENAI_MODERATION, AILUMINATE, DSA)
TAXONOMIES: Final = (*OUTSIDE, OPENAI_MODERATION_EVAL)
# Known by name; a clause may map to them, and maps at least to what only cleared people may see.
DETECTORS: Final = (
    OPENAI_TEXT_MODERATION,
    *LLAMA_GUARD,
    *NVIDIA_AEGIS,
    AZURE_CONTENT_SAFETY,
    AZURE_PROMPT_SHIELDS,
    PERSPECTIVE,
)
# No detector names them; what they leave uncovered tells where guidelines are thin.
MAPS_OF_RISK: Final = (MIT_RISK_DOMAINS,)
BY_LABEL: Final[Mapping[str, Taxonomy]] = MappingProxyType(
    {taxonomy.label: taxonomy for taxonomy in (*TAXONOMIES, *DETECTORS, *MAPS_OF_RISK)}
)

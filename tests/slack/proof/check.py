"""Has the models of Slack's SDK judge blocks and views.

Standard input is a list of lists of blocks, or of views, as JSON. Standard output is a list of as many strings: empty
where the SDK takes them and gives the same ones back, otherwise what it says against them.
"""

import json
import sys

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View


def same(given, made):
    """Whether all that was given is in what the SDK made of it."""
    if isinstance(given, dict):
        return isinstance(made, dict) and all(key in made and same(given[key], made[key]) for key in given)
    if isinstance(given, list):
        return isinstance(made, list) and len(given) == len(made) and all(map(same, given, made))
    return given == made


def remade(given):
    if isinstance(given, dict):
        return View(**given).to_dict()
    return [block.to_dict() for block in Block.parse_all(given)]


def judge(given):
    try:
        made = remade(given)
    except SlackObjectFormationError as error:
        return str(error)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "" if same(given, made) else f"the SDK makes of it {json.dumps(made)}"


print(json.dumps([judge(blocks) for blocks in json.load(sys.stdin)]))
